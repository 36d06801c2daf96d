"""The course of a plan: what was decided and why, what was filed with the level above, what was remarked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, CreatedAt, Id, Shape, Strs, geometry, one_of


class DecisionAction(StrEnum):
    """What was decided about a plan."""

    SUBMIT = "submit"  # draft -> in review
    WITHDRAW = "withdraw"  # in review -> draft, by the planners themselves
    RETURN = "return"  # in review -> draft, by the approver
    APPROVE = "approve"  # stays in review until it is published
    PUBLISH = "publish"  # in review and approved -> published
    DISCARD = "discard"  # draft -> discarded, by its planners
    RESTORE = "restore"  # discarded -> draft


class Decision(Base):
    """A step in a plan's course: who took it, when, and what they said. Never changed, never deleted.

    The database fills in who and when, lets only those decide who may, and
    changes a plan's state along with a decision only; see `review.sql`. A plan
    that was ever submitted or discarded is therefore kept.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("action <> 'return' OR note IS NOT NULL", name="returned_with_a_note"),
        CheckConstraint("action <> 'discard' OR note IS NOT NULL", name="discarded_with_a_note"),
        CheckConstraint("length(note) BETWEEN 1 AND 2000", name="note_of_2000"),
        Index("ix_decision_plan_id_id", "plan_id", "id"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id"))
    action: Mapped[DecisionAction] = mapped_column(one_of(DecisionAction))
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    by_login: Mapped[str] = mapped_column(server_default="")
    at: Mapped[CreatedAt]
    note: Mapped[str | None]


class CheckReason(Base):
    """Why a plan is submitted although a check stands against it; `key` is the check's.

    Of several for one key the last counts. `path` is that of the grid concerned.
    """

    __tablename__ = "check_reason"
    __table_args__ = (
        CheckConstraint("length(reason) BETWEEN 1 AND 2000", name="reason_of_2000"),
        Index("ix_check_reason_plan_id_key", "plan_id", "key"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"))
    key: Mapped[str]
    reason: Mapped[str]
    path: Mapped[Strs]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    by_login: Mapped[str] = mapped_column(server_default="")
    at: Mapped[CreatedAt]


class FilingState(StrEnum):
    """How far the filing (备案) of a grid's part of a plan has come; overdue is derived."""

    NOT_FILED = "not_filed"
    FILED = "filed"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class Filing(Base):
    """A grid's part of a plan, filed with the level above (备案).

    `checksum` is that of the part when it was filed, which freezes nothing:
    comparing it shows whether the part has changed since. `note` is the last
    word, of who filed or of who answered; the audit trail has those before.
    """

    __tablename__ = "filing"
    __table_args__ = (
        UniqueConstraint("plan_id", "grid_uid"),
        CheckConstraint("length(note) BETWEEN 1 AND 2000", name="note_of_2000"),
        CheckConstraint("state <> 'returned' OR note IS NOT NULL", name="returned_with_a_note"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"))
    grid_uid: Mapped[str]
    deadline: Mapped[date | None]
    state: Mapped[FilingState] = mapped_column(one_of(FilingState), server_default="not_filed")
    checksum: Mapped[str | None]
    filed_account_id: Mapped[int | None] = mapped_column(BigInteger)
    filed_by: Mapped[str | None]
    filed_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    note: Mapped[str | None]


class Comment(Base):
    """A remark about a place of a plan that is being worked on; it can only be marked as settled.

    `path` holds the uids of the grids at the place, as the database finds them:
    who oversees one of them reads it.
    """

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("length(text) BETWEEN 1 AND 2000", name="text_of_2000"),
        Index("ix_comment_plan_id", "plan_id"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"))
    grid_uid: Mapped[str | None]
    text: Mapped[str]
    path: Mapped[Strs]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    by_login: Mapped[str] = mapped_column(server_default="")
    at: Mapped[CreatedAt]
    resolved_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    geometry: Mapped[Shape] = geometry("POINT")
