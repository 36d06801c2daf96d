"""Grids: the polygons of a plan."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.model.base import Base, Id, Shape, Strs, geometry, one_of


class GridKind(StrEnum):
    """What a grid is for."""

    ADMINISTRATIVE = "administrative"  # a level of the hierarchy
    UNIT = "unit"  # its owner's own subdivision (单元网格)
    KEY = "key"  # a key unit grid (重点监管单元网格), supervised by level 1


class UnitBasis(StrEnum):
    """Why unit grids are drawn where they are (the plan's three bases)."""

    DIVISION = "division"  # 行政区划
    KEY_AREA = "key_area"  # 重点区域及流域
    TARGETS = "targets"  # 重点监管对象分布


class Grid(Base):
    """A polygon of a plan, with its place in the hierarchy.

    `uid` is the grid's identity across plans; `code` is dated and may be
    missing. `path` holds the uids from the coarsest grid down to itself: a
    jurisdiction is a subtree, so it oversees what has its uid in the path.
    Unit grids of level 1 that cross level-2 lines, and key grids, are overlays
    of their owner (`owner_id`): they have no children and cover nothing.
    """

    __tablename__ = "grid"
    __table_args__ = (
        UniqueConstraint("plan_id", "uid"),
        CheckConstraint("level >= 1", name="level_from_one"),
        CheckConstraint("is_overlay = (kind <> 'administrative')", name="units_are_overlays"),
        CheckConstraint("is_overlay = (owner_id IS NOT NULL)", name="overlays_have_an_owner"),
        Index("ix_grid_path", "path", postgresql_using="gin"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("gisgrid.plan.id", ondelete="CASCADE"), index=True)
    uid: Mapped[str]
    kind: Mapped[GridKind] = mapped_column(one_of(GridKind), server_default="administrative")
    level: Mapped[int]
    code: Mapped[str | None]
    name: Mapped[str]
    category: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("gisgrid.grid.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"), index=True
    )
    path: Mapped[Strs]
    is_overlay: Mapped[bool] = mapped_column(server_default="false")
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("gisgrid.grid.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"), index=True
    )
    supervising_level: Mapped[int | None]
    basis: Mapped[UnitBasis | None] = mapped_column(one_of(UnitBasis))
    is_partial: Mapped[bool] = mapped_column(server_default="false")
    is_indicative: Mapped[bool] = mapped_column(server_default="false")
    area_m2: Mapped[float]
    version: Mapped[int] = mapped_column(server_default="1")
    geometry: Mapped[Shape] = geometry("MULTIPOLYGON")
