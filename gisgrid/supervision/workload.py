"""How much each grid of a level has to supervise, and with how many people."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, aliased

from gisgrid.model import WORK, Assignment, Grid, GridKind, Post, PostKind, Source, SourceClass
from gisgrid.supervision.coverage_summary import held_today


@dataclass(frozen=True)
class Workload:
    """A grid's sources by class, their weight, and the supervisors in the grid and below it.

    `weighted_per_officer` is None where there is no officer.
    """

    uid: str
    name: str
    level: int
    sources: int
    a: int
    b: int
    c: int
    undetermined: int
    weighted: int
    officers: int
    weighted_per_officer: float | None


def workload_at(
    session: Session, plan: int, level: int, *, jurisdiction: str | None = None
) -> list[Workload]:
    """The grids of one level, the heaviest load first.

    Parameters
    ----------
    jurisdiction : str, optional
        The uid of the grid to which they are confined; None: all.
    """
    within = true() if jurisdiction is None else Grid.path.contains([jurisdiction])
    wanted = [Grid.plan_id == plan, Grid.level == level, Grid.kind == GridKind.ADMINISTRATIVE, within]
    sources = _sources(session, plan, level)
    officers = _officers(session, plan, wanted)
    loads = []
    for row in session.execute(select(Grid.id, Grid.uid, Grid.name).where(*wanted).order_by(Grid.id)):
        counted = sources.get(row.id, {})
        weighted = sum(WORK[each] * count for each, count in counted.items())
        people = officers.get(row.id, 0)
        loads.append(
            Workload(
                uid=row.uid,
                name=row.name,
                level=level,
                sources=sum(counted.values()),
                a=counted.get(SourceClass.A, 0),
                b=counted.get(SourceClass.B, 0),
                c=counted.get(SourceClass.C, 0),
                undetermined=counted.get(SourceClass.UNDETERMINED, 0),
                weighted=weighted,
                officers=people,
                weighted_per_officer=weighted / people if people else None,
            )
        )
    return sorted(loads, key=_heaviest_first)


def _heaviest_first(load: Workload) -> tuple[float, int]:
    """Work that nobody does comes before any that somebody does."""
    if load.weighted_per_officer is None:
        return (float("-inf") if load.weighted else 0.0), -load.weighted
    return -load.weighted_per_officer, -load.weighted


def _sources(session: Session, plan: int, level: int) -> dict[int, dict[SourceClass, int]]:
    """The number of sources of each class in each grid."""
    rows = session.execute(
        select(Assignment.grid_id, Source.source_class, func.count().label("number"))
        .join(Source, Source.id == Assignment.source_id)
        .where(Assignment.plan_id == plan, Assignment.level == level)
        .group_by(Assignment.grid_id, Source.source_class)
    )
    found: dict[int, dict[SourceClass, int]] = {}
    for row in rows:
        found.setdefault(row.grid_id, {})[SourceClass(row.source_class)] = row.number
    return found


def _officers(session: Session, plan: int, wanted: list[ColumnElement[bool]]) -> dict[int, int]:
    """The number of supervisors' posts held today in each grid and the grids below it."""
    below = aliased(Grid)
    above = select(Grid.id, Grid.uid).where(*wanted).subquery()
    uids = select(below.uid, func.unnest(below.path).label("above")).where(below.plan_id == plan).subquery()
    rows = session.execute(
        select(above.c.id, func.count().label("number"))
        .join(uids, uids.c.above == above.c.uid)
        .join(Post, Post.grid_uid == uids.c.uid)
        .where(Post.kind == PostKind.SUPERVISOR, held_today())
        .group_by(above.c.id)
    )
    return {row.id: row.number for row in rows}
