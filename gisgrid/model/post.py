"""Posts, the people who hold them, and the letters signed between grids.

A post comes first and a person second: posts change hands, and one that nobody
holds is vacant. Posts belong to a grid's identity, not to one plan.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, Id, one_of


class PostKind(StrEnum):
    """What a post is in its grid."""

    FIRST = "first"  # first responsible person (第一责任人): the territorial administrative head
    SUPERVISOR = "supervisor"  # a named member of staff (监管员)
    OFFICE = "office"  # an environmental office (环保所)


class Person(Base):
    """Someone who holds a post; the public sees the name only where `is_public`."""

    __tablename__ = "person"

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_public: Mapped[bool] = mapped_column(server_default="false")


class Post(Base):
    """A post in a grid, and the phone that is answered on duty."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("grid_uid", "kind", "title", "number"),)

    id: Mapped[Id]
    grid_uid: Mapped[str] = mapped_column(index=True)
    kind: Mapped[PostKind] = mapped_column(one_of(PostKind))
    title: Mapped[str]
    number: Mapped[int] = mapped_column(server_default="1")
    body: Mapped[str | None]
    duty_phone: Mapped[str | None]


class Responsibility(Base):
    """Who holds a post from `valid_from` until the day before `valid_to`, and when that was last verified."""

    __tablename__ = "responsibility"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="ends_after_it_begins"),
        Index("ix_responsibility_post_id_valid_from", "post_id", "valid_from", unique=True),
    )

    id: Mapped[Id]
    post_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.post.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.person.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    verified_on: Mapped[date | None]


class Letter(Base):
    """A responsibility letter (环境监管责任状) between an upper grid and one below it.

    `upper_signatory` and `lower_signatory` are the names as they were signed: whoever
    signed may leave the post, or stand in for who holds it.
    """

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("upper_uid", "lower_uid", "signed_on"),)

    id: Mapped[Id]
    upper_uid: Mapped[str]
    lower_uid: Mapped[str] = mapped_column(index=True)
    number: Mapped[str | None]
    signed_on: Mapped[date]
    valid_to: Mapped[date | None]
    upper_signatory: Mapped[str | None]
    lower_signatory: Mapped[str | None]
    tasks: Mapped[str | None]
    file: Mapped[str | None]
