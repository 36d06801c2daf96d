"""Departments, topics, and who has which duty: by place, topic and date."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, Id, Shape, Strs, geometry, one_of


class DutyRole(StrEnum):
    """What a duty-holder does for a topic."""

    LEAD = "lead"
    GUIDE = "guide"
    ASSIST = "assist"


class Department(Base):
    """A body with environmental duties; 26 come with gisgrid."""

    __tablename__ = "department"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int] = mapped_column(server_default="0")
    is_in_leading_group: Mapped[bool] = mapped_column(server_default="true")


class Topic(Base):
    """What happened: the matter that decides between departments."""

    __tablename__ = "topic"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    keywords: Mapped[Strs]
    position: Mapped[int] = mapped_column(server_default="0")


class Duty(Base):
    """One holder's part in a topic.

    The holder is a department, or the government of the grid of `grid_level` at
    the place. `grid_uid` restricts it to a subtree of grids.
    """

    __tablename__ = "duty"
    __table_args__ = (
        CheckConstraint("(department_id IS NULL) <> (grid_level IS NULL)", name="one_holder"),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="ends_after_it_begins"),
    )

    id: Mapped[Id]
    topic_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.topic.id", ondelete="CASCADE"), index=True)
    role: Mapped[DutyRole] = mapped_column(one_of(DutyRole))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.department.id"))
    grid_level: Mapped[int | None]
    grid_uid: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    basis: Mapped[str | None]


class DutyTransfer(Base):
    """Inside a polygon one department exercises others' powers.

    `topic_ids` and `from_department_ids` restrict it; empty means all.
    """

    __tablename__ = "duty_transfer"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="ends_after_it_begins"),
    )

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    to_department_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.department.id"))
    from_department_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    topic_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    basis: Mapped[str | None]
    geometry: Mapped[Shape] = geometry("MULTIPOLYGON")
