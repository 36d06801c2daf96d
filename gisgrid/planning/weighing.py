"""How much there is to supervise in the grids of a draft."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA, WORK, SourceClass
from gisgrid.planning.reassigning import Moved


def weigh(session: Session, grids: Collection[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """How many sources of each class lie in each of these grids, by uid.

    Of administrative grids as they are assigned; of units and key grids by place.

    Parameters
    ----------
    session : Session
    grids : collection of mapping
        Of one plan, with `id`, `uid` and `kind`.
    """
    own = [each["id"] for each in grids if each["kind"] == "administrative"]
    laid = [each["id"] for each in grids if each["kind"] != "administrative"]
    uid = {each["id"]: str(each["uid"]) for each in grids}
    counted: dict[str, dict[str, int]] = {each: {} for each in uid.values()}
    for statement, ids in ((_ASSIGNED, own), (_PLACED, laid)):
        if ids:
            for row in session.execute(statement, {"ids": ids}):
                counted[uid[row.grid_id]][row.source_class] = row.number
    return counted


_ASSIGNED = text(
    f"""SELECT a.grid_id, s.source_class, count(*) AS number
    FROM {SCHEMA}.assignment a JOIN {SCHEMA}.source s ON s.id = a.source_id
    WHERE a.grid_id = ANY (:ids) GROUP BY 1, 2"""
)
_PLACED = text(
    f"""SELECT g.id AS grid_id, s.source_class, count(*) AS number
    FROM {SCHEMA}.grid g JOIN {SCHEMA}.source s ON s.geometry OPERATOR(public.&&) g.geometry
        AND public.ST_Intersects(g.geometry, s.geometry)
    WHERE g.id = ANY (:ids) GROUP BY 1, 2"""
)


def weigh_moved(
    session: Session,
    grids: Collection[Mapping[str, Any]],
    before: Mapping[str, Mapping[str, int]],
    moved: Iterable[Moved],
) -> dict[str, dict[str, int]]:
    """What `weigh` would count once sources have moved, from what it counted before."""
    own = {each["id"]: each for each in grids if each["kind"] == "administrative"}
    now = {key: Counter(before.get(each["uid"], {})) for key, each in own.items()}
    for source in moved:
        for grid, more in ((source.before, -1), (source.after, 1)):
            if grid in now:
                now[grid][source.source_class] += more
    laid = [each for each in grids if each["id"] not in own]
    return {each["uid"]: dict(+now[key]) for key, each in own.items()} | weigh(session, laid)


def weight_of(counted: Mapping[str, int]) -> int:
    """What sources of these classes weigh, by `gisgrid.supervision.workload.WORK`."""
    return sum(WORK[SourceClass(each)] * number for each, number in counted.items())
