"""What changed between two versions of a plan: grids, land, sources that change hands, people concerned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.model import Assignment, Grid, Person, Post, Responsibility
from gisgrid.spatial.changed import changed_land
from gisgrid.store.answering import holds_today

_Row = Row[*tuple[Any, ...]]


class Difference(StrEnum):
    """How a grid of one plan differs from that of another; it is known by its uid."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    RECODED = "recoded"
    REPARENTED = "reparented"
    RESHAPED = "reshaped"


@dataclass(frozen=True)
class GridDifference:
    """One difference of one grid; `geometry` is the land gained or lost, EPSG:4490.

    `name_before` is told of what was renamed.
    """

    uid: str
    name: str
    change: Difference
    area_m2_before: float | None
    area_m2_after: float | None
    geometry: BaseGeometry | None
    name_before: str | None = None


@dataclass(frozen=True)
class PersonConcerned:
    """Somebody who holds a post in a grid whose land or name changed."""

    name: str
    title: str
    grid_uid: str
    grid_name: str


@dataclass(frozen=True)
class Changes:
    """The differences, how many sources lie in another grid, and the people concerned."""

    grids: tuple[GridDifference, ...]
    sources_moved: int
    people: tuple[PersonConcerned, ...]


def compare_plans(session: Session, plan_id: int, since: int) -> Changes:
    """What makes a plan differ from the plan `since`, as far as the session sees both.

    Two outlines are the same if they enclose the same points within 1e-9 degrees:
    a vertex more on an edge is no change.
    """
    before, after = _grids(session, since), _grids(session, plan_id)
    found = tuple(
        each for uid in {**before, **after} for each in _differences(before.get(uid), after.get(uid))
    )
    return Changes(found, _moved(session, plan_id, since), _people(session, found, {**before, **after}))


def _grids(session: Session, plan_id: int) -> dict[str, _Row]:
    rows = session.execute(
        select(
            Grid.uid,
            Grid.name,
            Grid.code,
            Grid.path,
            Grid.area_m2,
            func.ST_AsBinary(Grid.geometry).label("wkb"),
        )
        .where(Grid.plan_id == plan_id)
        .order_by(Grid.level, Grid.id)
    )
    return {row.uid: row for row in rows}


def _differences(before: _Row | None, after: _Row | None) -> Iterator[GridDifference]:
    row = after or before
    assert row is not None  # noqa: S101 -- one of them has it
    areas = (None if before is None else before.area_m2, None if after is None else after.area_m2)
    if before is None or after is None:
        kind = Difference.ADDED if before is None else Difference.REMOVED
        yield GridDifference(row.uid, row.name, kind, *areas, shapely.from_wkb(bytes(row.wkb)))
        return
    for column, kind in (("name", Difference.RENAMED), ("code", Difference.RECODED)):
        if getattr(before, column) != getattr(after, column):
            former = before.name if kind is Difference.RENAMED else None
            yield GridDifference(row.uid, row.name, kind, *areas, None, former)
    if list(before.path[:-1]) != list(after.path[:-1]):
        yield GridDifference(row.uid, row.name, Difference.REPARENTED, *areas, None)
    if bytes(before.wkb) == bytes(after.wkb):
        return
    changed = changed_land(*shapely.from_wkb([bytes(before.wkb), bytes(after.wkb)]))
    if changed is not None:
        yield GridDifference(row.uid, row.name, Difference.RESHAPED, *areas, changed)


def _moved(session: Session, plan_id: int, since: int) -> int:
    """How many sources lie in another grid of some level than before."""
    one, other = aliased(Assignment), aliased(Assignment)
    own, former = aliased(Grid), aliased(Grid)
    moved = (
        select(func.count(one.source_id.distinct()))
        .join(own, own.id == one.grid_id)
        .outerjoin(
            other,
            (other.plan_id == since) & (other.source_id == one.source_id) & (other.level == one.level),
        )
        .outerjoin(former, former.id == other.grid_id)
        .where(one.plan_id == plan_id, own.uid.is_distinct_from(former.uid))
    )
    return session.scalar(moved) or 0


def _people(
    session: Session, found: tuple[GridDifference, ...], grids: dict[str, _Row]
) -> tuple[PersonConcerned, ...]:
    uids = {each.uid for each in found}
    rows = session.execute(
        select(Person.name, Post.title, Post.grid_uid)
        .join(Responsibility, Responsibility.person_id == Person.id)
        .join(Post, Post.id == Responsibility.post_id)
        .where(Post.grid_uid.in_(uids), holds_today())
        .order_by(Post.grid_uid, Post.kind, Post.number)
    )
    return tuple(PersonConcerned(row.name, row.title, row.grid_uid, grids[row.grid_uid].name) for row in rows)
