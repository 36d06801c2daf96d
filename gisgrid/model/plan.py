"""Plans: versions of a territory's division, from draft to superseded."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, CreatedAt, Id, one_of


class PlanState(StrEnum):
    """Where a plan stands; only a draft can change."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"  # a draft that was put away, and can be taken up again


class Plan(Base):
    """One version of a territory's division.

    `valid_to` is the first day on which it no longer holds. `checksum` is the
    SHA-256 of its grids when it was published. An empty `approval_number`
    (审图号) means that its map has not been reviewed.
    """

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="ends_after_it_begins"),
        CheckConstraint(
            "state NOT IN ('published', 'superseded') OR valid_from IS NOT NULL", name="published_begins"
        ),
        Index("uq_plan_one_published", "state", unique=True, postgresql_where=text("state = 'published'")),
    )

    id: Mapped[Id]
    territory_zh: Mapped[str]
    territory_en: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    state: Mapped[PlanState] = mapped_column(one_of(PlanState), server_default="draft")
    base_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.plan.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    approval_number: Mapped[str | None]
    checksum: Mapped[str | None]
    created_by: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    changed_at: Mapped[CreatedAt]
    published_at: Mapped[datetime | None]


class PlanLevel(Base):
    """What the grids of one level of a plan are called."""

    __tablename__ = "plan_level"
    __table_args__ = (UniqueConstraint("plan_id", "level"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"))
    level: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
