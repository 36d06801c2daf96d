"""Pollution sources, the enterprises that they belong to, and their units."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, CreatedAt, Id, Shape, Strs, geometry, one_of


class SourceClass(StrEnum):
    """How closely a source is supervised; a rule with holes, so it may stay undetermined."""

    A = "A"
    B = "B"
    C = "C"
    UNDETERMINED = "undetermined"


WORK: Final[Mapping[SourceClass, int]] = {
    SourceClass.A: 1,
    SourceClass.B: 2,
    SourceClass.C: 4,
    SourceClass.UNDETERMINED: 2,
}
"""How many class A sources a source counts for: simplified, routine and enhanced supervision;
an undetermined one is treated as routine until it is classed."""


class Enterprise(Base):
    """A legal person; one may run several sources."""

    __tablename__ = "enterprise"

    id: Mapped[Id]
    credit_code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Source(Base):
    """A supervised target at one place: a site of an enterprise, a project, a water source.

    `uid` is its number in the register. `location` says how it came by its
    position and `raw_x`, `raw_y` what the file said; `stack_size` counts the
    sources that share its spot, if five or more do. `grid_path` holds the uids
    of the grids above it in the plan in force (all level-1 grids where it lies
    in none): what a jurisdiction oversees.
    """

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("stack_size IS NULL OR stack_size >= 5", name="stacks_are_five"),
        Index("ix_source_grid_path", "grid_path", postgresql_using="gin"),
    )

    id: Mapped[Id]
    uid: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.enterprise.id"), index=True)
    kind: Mapped[str | None]
    industry: Mapped[str | None]
    source_class: Mapped[SourceClass] = mapped_column(one_of(SourceClass), server_default="undetermined")
    stated_code: Mapped[str | None]
    stated_name: Mapped[str | None]
    stated_distance_m: Mapped[float | None]
    location: Mapped[str]
    located_by: Mapped[str | None]
    stack_size: Mapped[int | None]
    raw_x: Mapped[float | None]
    raw_y: Mapped[float | None]
    grid_path: Mapped[Strs]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("gisgrid.import_run.id"))
    changed_at: Mapped[CreatedAt]
    geometry: Mapped[Shape] = geometry("POINT")


class SourceUnit(Base):
    """A part of a source with an outline of its own, from which protective distances are measured."""

    __tablename__ = "source_unit"

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.source.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    geometry: Mapped[Shape] = geometry("MULTIPOLYGON")
