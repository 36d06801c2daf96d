"""What the audit says of a plan: findings, assignments, uncovered sources; and surroundings of sources."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.model.base import Base, Id, Shape, Strs, geometry, one_of


class Finding(Base):
    """A maximal piece of land of one kind, one parent and one set of owners; see `gisgrid.spatial.coverage`.

    `neighbours` lists `[grid id, share of the border]`, longest first. `path` is the parent's, or
    for land outside every parent the owner's.
    """

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_plan_id_kind", "plan_id", "kind"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"))
    kind: Mapped[FindingKind] = mapped_column(one_of(FindingKind))
    size_class: Mapped[SizeClass] = mapped_column(one_of(SizeClass))
    parent_level: Mapped[int | None]
    child_level: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.grid.id", ondelete="CASCADE"))
    owner_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    neighbours: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    is_enclosed: Mapped[bool | None]
    area_m2: Mapped[float]
    width_m: Mapped[float]
    path: Mapped[Strs]
    geometry: Mapped[Shape] = geometry("GEOMETRY")


class Assignment(Base):
    """The grid of one level in which a source lies."""

    __tablename__ = "assignment"

    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(
        ForeignKey("gisgrid.source.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    level: Mapped[int] = mapped_column(primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.grid.id", ondelete="CASCADE"), index=True)


class UncoveredSource(Base):
    """A source that nobody is responsible for at some level: `reason` is "outside" or "gap"."""

    __tablename__ = "uncovered_source"

    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(
        ForeignKey("gisgrid.source.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    reason: Mapped[str]
    level: Mapped[int | None]
    nearest_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.grid.id", ondelete="CASCADE"))
    distance_m: Mapped[float | None]
    finding_id: Mapped[int | None] = mapped_column(
        ForeignKey("gisgrid.finding.id", ondelete="SET NULL"), index=True
    )


class Surrounding(Base):
    """Receptors of one kind within one ring around a source: how many, and the nearest."""

    __tablename__ = "surrounding"

    source_id: Mapped[int] = mapped_column(
        ForeignKey("gisgrid.source.id", ondelete="CASCADE"), primary_key=True
    )
    ring_m: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    nearest_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.receptor.id", ondelete="CASCADE"), index=True)
    distance_m: Mapped[float]
    bearing_deg: Mapped[float | None]
