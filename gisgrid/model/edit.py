"""Edits of drafts: who changed which grids, when, and what they were before and after."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import SRID, Base, CreatedAt, Id, Shape, Strs, one_of


class EditState(StrEnum):
    """Whether an edit holds; one that was undone can be redone until its author edits anew."""

    APPLIED = "applied"
    UNDONE = "undone"
    DROPPED = "dropped"


class Edit(Base):
    """One change of a draft, in the order of `number`.

    `holders` maps the uid of each grid whose members changed to its version
    since; `touched` are the uids of the grids that changed, and `bounds` (west,
    south, east, north) those of the land. `path` holds the uids of all grids that
    changed, got vertices, or lie above those, before or after: whoever oversees
    one of them may know of the edit.
    """

    __tablename__ = "edit"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"))
    number: Mapped[int]
    operation: Mapped[str]
    summary_zh: Mapped[str]
    summary_en: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    by_login: Mapped[str]
    at: Mapped[CreatedAt]
    state: Mapped[EditState] = mapped_column(one_of(EditState), server_default="applied")
    holders: Mapped[dict[str, int]] = mapped_column(JSONB)
    bounds: Mapped[list[float] | None] = mapped_column(ARRAY(DOUBLE_PRECISION))
    touched: Mapped[Strs]
    path: Mapped[Strs]


class EditChange(Base):
    """A grid before and after an edit: all its columns; null where it did not exist.

    `is_outline_kept`: it only got, or lost, vertices on its edges, since a neighbour did.
    """

    __tablename__ = "edit_change"
    __table_args__ = (Index("ix_edit_change_grid_uid", "grid_uid"),)

    edit_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.edit.id", ondelete="CASCADE"), primary_key=True)
    grid_uid: Mapped[str] = mapped_column(primary_key=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    before_geometry: Mapped[Shape | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False)
    )
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after_geometry: Mapped[Shape | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False)
    )
    is_outline_kept: Mapped[bool] = mapped_column(server_default="false")
