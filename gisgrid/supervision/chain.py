"""Which grids lie over a place, and where the chain of levels breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.layer import PLAN
from gisgrid.model import Grid, GridKind, PlanLevel
from gisgrid.supervision.place import HERE, Place, covers
from gisgrid.text import Text


@dataclass(frozen=True)
class Named:
    """A grid by its identity and its name."""

    uid: str
    name: str


@dataclass(frozen=True)
class GridHere:
    """A grid that covers the place; `is_inside` unless the place lies on its very edge."""

    id: int
    uid: str
    kind: GridKind
    level: int
    level_name: Text
    code: str | None
    name: str
    category: str | None
    is_indicative: bool
    owner: Named | None
    child_levels: tuple[int, ...]
    is_inside: bool


@dataclass(frozen=True)
class Chain:
    """The grids over a place.

    Attributes
    ----------
    grids : tuple of GridHere
        Administrative, the finest first; of several at one level that with the smallest id.
    also : tuple of GridHere
        The others at the same levels, where grids overlap or meet.
    units : tuple of GridHere
        Key grids, then unit grids, coarse to fine.
    """

    grids: tuple[GridHere, ...]
    also: tuple[GridHere, ...]
    units: tuple[GridHere, ...]

    @property
    def uids(self) -> list[str]:
        """Of all grids that answer for the place: the units, then the chain from the finest."""
        return [each.uid for each in (*self.units, *self.grids)]

    @property
    def is_overlap(self) -> bool:
        """Whether two grids of one level claim the place, not just meet there."""
        claimed = [each.level for each in (*self.grids, *self.also) if each.is_inside]
        return len(claimed) > len(set(claimed))

    def claimed_also(self, grid: GridHere) -> list[Named]:
        """The other grids at a grid's level that claim the place, too."""
        return [Named(each.uid, each.name) for each in self.also if each.level == grid.level]

    def gap(self) -> tuple[GridHere, int] | None:
        """The coarsest grid here that is divided and whose children leave the place out, and their level.

        As in `gisgrid.spatial.assignment`: any grid of the children's level covers it.
        """
        present = {each.level for each in self.grids}
        for grid in reversed(self.grids):
            if grid.child_levels and not present.intersection(grid.child_levels):
                return grid, min(grid.child_levels)
        return None


def chain_at(session: Session, plan: int, place: Place) -> Chain:
    """The grids of a plan over a place, in one statement."""
    found = _grids_over(session, plan, place)
    administrative = [each for each in found if each.kind is GridKind.ADMINISTRATIVE]
    grids: dict[int, GridHere] = {}
    for grid in administrative:
        grids.setdefault(grid.level, grid)
    also = [each for each in administrative if each is not grids[each.level]]
    units = [each for each in found if each.kind is not GridKind.ADMINISTRATIVE]
    units.sort(key=lambda each: (each.kind is not GridKind.KEY, each.level, each.id))
    return Chain(tuple(grids[level] for level in sorted(grids, reverse=True)), tuple(also), tuple(units))


def is_covered(session: Session, plan: int, place: Place) -> bool:
    """Whether any administrative grid lies over a place."""
    return session.execute(_COVERED, {"plan": plan, **place.values}).first() is not None


def _grids_over(session: Session, plan: int, place: Place) -> list[GridHere]:
    rows = session.execute(_GRIDS_OVER, {"plan": plan, **place.values})
    return [
        GridHere(
            id=row.id,
            uid=row.uid,
            kind=GridKind(row.kind),
            level=row.level,
            level_name=level_name(row.level, row.name_zh, row.name_en),
            code=row.code,
            name=row.name,
            category=row.category,
            is_indicative=row.is_indicative,
            owner=Named(row.owner_uid, row.owner_name) if row.owner_uid else None,
            child_levels=tuple(sorted(row.child_levels or ())),
            is_inside=row.is_inside,
        )
        for row in rows
    ]


def level_name(level: int, zh: str | None, en: str | None) -> Text:
    """What the plan calls a level, or its number."""
    return Text(zh=zh or f"第 {level} 级", en=en or f"Level {level}")


_COVERED: Final = (
    select(Grid.id)
    .where(Grid.plan_id == PLAN, Grid.kind == GridKind.ADMINISTRATIVE, covers(Grid.geometry.expression))
    .limit(1)
)


def _statement() -> Select[*tuple[Any, ...]]:
    child, owner = aliased(Grid), aliased(Grid)
    child_levels = (
        select(func.array_agg(child.level.distinct()))
        .where(child.parent_id == Grid.id, child.kind == GridKind.ADMINISTRATIVE)
        .correlate(Grid)
        .scalar_subquery()
    )
    return (
        select(
            Grid.id,
            Grid.uid,
            Grid.kind,
            Grid.level,
            PlanLevel.name_zh,
            PlanLevel.name_en,
            Grid.code,
            Grid.name,
            Grid.category,
            Grid.is_indicative,
            owner.uid.label("owner_uid"),
            owner.name.label("owner_name"),
            child_levels.label("child_levels"),
            func.ST_Contains(Grid.geometry, HERE).label("is_inside"),
        )
        .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
        .outerjoin(owner, owner.id == Grid.owner_id)
        .where(Grid.plan_id == PLAN, covers(Grid.geometry.expression))
        .order_by(Grid.id)
    )


_GRIDS_OVER: Final = _statement()
