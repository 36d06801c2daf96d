"""The grids in which a few sources lie, settled anew after an edit."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from gisgrid.frames import STORED_CRS
from gisgrid.model import SCHEMA, SRID
from gisgrid.store.behind import Behind
from gisgrid.store.draft_grids import Bounds, bounds_of


@dataclass(frozen=True)
class Moved:
    """A source that came from one grid of a level to another; None is no grid."""

    source_id: int
    uid: str
    name: str | None
    source_class: str
    level: int
    before: int | None
    after: int | None


Uncovered: TypeAlias = tuple[int, str, int, int | None, float | None, int | None]
"""Source, reason, level, nearest grid, metres to it, and finding."""


@dataclass(frozen=True)
class Near:
    """The sources that an edit may move, and where they lie by what is stored before it.

    Looked up before the grids change: assignments go with a grid that is removed. What is made of the rows is
    made when it is asked for, which is while the changes are written.

    Attributes
    ----------
    rows : sequence of rows
        Of `_NEAR`.
    """

    rows: Sequence[Any]

    @classmethod
    def to(
        cls,
        session: Session,
        plan_id: int,
        bounds: Bounds,
        *,
        grids: Collection[int],
        findings: Collection[int],
        levels: Collection[int],
    ) -> Near:
        """Those inside the bounds of the land that changes hands, and the uncovered ones that it may concern.

        Those are in one of the `findings`, or one of the `grids` was the nearest to them, or land inside the
        bounds may be nearer now.
        """
        asked = {"plan": plan_id, "grids": list(grids), "findings": list(findings), "levels": list(levels)}
        return cls(session.execute(_NEAR, asked | dict(zip("wsen", bounds, strict=True))).all())

    @cached_property
    def bounds(self) -> Bounds | None:
        """Of all of them, or None where there are none."""
        return bounds_of([(row.x, row.y, row.x, row.y) for row in self.rows])

    @cached_property
    def sources(self) -> gpd.GeoSeries:
        """Points in EPSG:4490, by id."""
        points = shapely.points([row.x for row in self.rows], [row.y for row in self.rows])
        return gpd.GeoSeries(
            points, index=pd.Index([row.id for row in self.rows], dtype="int64"), crs=STORED_CRS
        )

    @cached_property
    def called(self) -> Mapping[int, tuple[str, str | None, str]]:
        """Uid, name and class by id."""
        return {row.id: (row.uid, row.name, row.source_class) for row in self.rows}

    @cached_property
    def assigned(self) -> Mapping[tuple[int, int], int]:
        """The grids by id and level, of the levels asked for."""
        return {(row.id, level): grid for row in self.rows for level, grid in row.assigned or ()}

    @cached_property
    def uncovered(self) -> Mapping[int, Uncovered]:
        """Those that nobody is responsible for."""
        return {row.id: (row.id, *row[-5:]) for row in self.rows if row.reason is not None}

    @property
    def nearest(self) -> frozenset[int]:
        """The grids to which the uncovered ones were the nearest."""
        return frozenset(row.nearest_id for row in self.rows if row.nearest_id is not None)

    @property
    def nearest_divided(self) -> frozenset[int]:
        """Those of them that have children, or may have some that one does not see."""
        return frozenset(row.nearest_id for row in self.rows if row.may_be_divided)


_NEAR = text(
    f"""WITH missed AS MATERIALIZED (
        SELECT u.source_id FROM {SCHEMA}.uncovered_source u JOIN {SCHEMA}.source s ON s.id = u.source_id
        WHERE u.plan_id = :plan AND (u.nearest_id = ANY (CAST(:grids AS bigint[]))
            OR u.finding_id = ANY (CAST(:findings AS bigint[]))
            OR public.ST_DistanceSphere(s.geometry, public.ST_ClosestPoint(
                public.ST_MakeEnvelope(:w, :s, :e, :n, 4490), s.geometry)) < u.distance_m * 1.02 + 1))
    SELECT s.id, s.uid, s.name, s.source_class,
        public.ST_X(s.geometry) AS x, public.ST_Y(s.geometry) AS y,
        (SELECT array_agg(ARRAY[a.level, a.grid_id]) FROM {SCHEMA}.assignment a WHERE a.plan_id = :plan
            AND a.source_id = s.id AND a.level = ANY (CAST(:levels AS bigint[]))) AS assigned,
        CASE WHEN u.nearest_id IS NOT NULL THEN
            NOT EXISTS (SELECT FROM {SCHEMA}.grid g WHERE g.id = u.nearest_id)
            OR EXISTS (SELECT FROM {SCHEMA}.grid g WHERE g.parent_id = u.nearest_id)
        END AS may_be_divided,
        u.reason, u.level, u.nearest_id, u.distance_m, u.finding_id
    FROM (
        SELECT s.id FROM {SCHEMA}.source s
        WHERE s.geometry OPERATOR(public.&&) public.ST_MakeEnvelope(:w, :s, :e, :n, 4490)
        UNION SELECT source_id FROM missed
    ) near JOIN {SCHEMA}.source s ON s.id = near.id
    LEFT JOIN {SCHEMA}.uncovered_source u ON u.plan_id = :plan AND u.source_id = s.id ORDER BY s.id"""
)


def moved_of(near: Near, assigned: pd.DataFrame, levels: Collection[int]) -> tuple[Moved, ...]:
    """Those sources that lie in another grid than is stored.

    Parameters
    ----------
    near : Near
    assigned : DataFrame
        What `assign` made of the sources.
    levels : collection of int
        On which land changed hands; on all others the sources lie where they lay.
    """
    before = near.assigned
    after: dict[tuple[int, int], int] = {}
    for level in set(levels).intersection(assigned.columns):
        grids = zip(assigned.index.tolist(), assigned[level].tolist(), strict=True)
        after |= {(key, level): grid for key, grid in grids if grid is not pd.NA}
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return tuple(
        Moved(source, *near.called[source], level, before.get((source, level)), after.get((source, level)))
        for source, level in changed
    )


def store_moved(session: Session, plan_id: int, moved: Iterable[Moved], removed: Collection[int]) -> None:
    """Put sources into the grids that they moved to; those of `removed` grids are no longer in any."""
    by_statement: dict[TextClause, list[Moved]] = {_LEAVE: [], _CHANGE: [], _COME: []}
    for each in moved:
        is_stored = each.before is not None and each.before not in removed
        if each.after is not None:
            by_statement[_CHANGE if is_stored else _COME].append(each)
        elif is_stored:
            by_statement[_LEAVE].append(each)
    for statement, sources in by_statement.items():
        if sources:
            values = {
                "plan": plan_id,
                "sources": [each.source_id for each in sources],
                "levels": [each.level for each in sources],
                "grids": [each.after for each in sources],
            }
            session.execute(statement, values)


_LISTED = """unnest(CAST(:sources AS bigint[]), CAST(:levels AS bigint[]), CAST(:grids AS bigint[]))
    AS n(source_id, level, grid_id)"""
_SAME = "a.plan_id = :plan AND a.source_id = n.source_id AND a.level = n.level"
_LEAVE = text(f"DELETE FROM {SCHEMA}.assignment a USING {_LISTED} WHERE {_SAME}")
_CHANGE = text(f"UPDATE {SCHEMA}.assignment a SET grid_id = n.grid_id FROM {_LISTED} WHERE {_SAME}")
_COME = text(
    f"""INSERT INTO {SCHEMA}.assignment (plan_id, source_id, level, grid_id)
    SELECT :plan, n.source_id, n.level, n.grid_id FROM {_LISTED}"""
)


def store_uncovered(
    behind: Behind, plan_id: int, near: Near, missed: pd.DataFrame, *, findings_stay: bool
) -> None:
    """Make those that are missed the uncovered ones among the sources.

    Parameters
    ----------
    behind : Behind
    plan_id : int
    near : Near
    missed : DataFrame
        What `uncovered` made of the sources.
    findings_stay : bool
        Whether all findings are those that they were: then so is the one in which a source lies.
    """
    before = near.uncovered
    after = {row[0]: row for row in _uncovered_rows(behind, plan_id, near, missed, findings_stay)}
    gone = [key for key in before if key not in after]
    came = [row for key, row in after.items() if before.get(key) != row]
    if gone or came:
        behind.do(_store_uncovered, plan_id, gone, came)


def _store_uncovered(session: Session, plan_id: int, gone: list[int], came: list[Uncovered]) -> None:
    if gone:
        session.execute(_COVERED, {"plan": plan_id, "ids": gone})
    if came:
        columns = map(list, zip(*came, strict=True))
        session.execute(_UNCOVERED, {"plan": plan_id, **dict(zip(_COLUMNS, columns, strict=True))})


_COLUMNS = ("sources", "reasons", "levels", "nearest", "apart", "findings")
_COVERED = text(f"DELETE FROM {SCHEMA}.uncovered_source WHERE plan_id = :plan AND source_id = ANY (:ids)")
_UNCOVERED = text(
    f"""INSERT INTO {SCHEMA}.uncovered_source
        (plan_id, source_id, reason, level, nearest_id, distance_m, finding_id)
    SELECT :plan, * FROM unnest(
        CAST(:sources AS bigint[]), CAST(:reasons AS text[]), CAST(:levels AS bigint[]),
        CAST(:nearest AS bigint[]), CAST(:apart AS float8[]), CAST(:findings AS bigint[]))
    ON CONFLICT (plan_id, source_id) DO UPDATE SET (reason, level, nearest_id, distance_m, finding_id) =
        (excluded.reason, excluded.level, excluded.nearest_id, excluded.distance_m, excluded.finding_id)"""
)


def _uncovered_rows(
    behind: Behind, plan_id: int, near: Near, missed: pd.DataFrame, findings_stay: bool
) -> list[Uncovered]:
    if missed.empty:
        return []
    sources, levels = missed.index.tolist(), missed["level"].tolist()
    finding = {
        source: near.uncovered[source][-1]
        for source, level in zip(sources, levels, strict=True)
        if findings_stay and source in near.uncovered and near.uncovered[source][2] == level
    }
    unknown = ~missed.index.isin(list(finding))
    if unknown.any():
        asked = near.sources.loc[missed.index[unknown]]
        finding |= _findings_at(behind.session, plan_id, asked, missed[unknown])
    nearest = [None if each is pd.NA else int(each) for each in missed["nearest"].tolist()]
    distance_m = [None if math.isnan(each) else float(each) for each in missed["distance_m"].tolist()]
    columns = (sources, missed["reason"].tolist(), levels, nearest, distance_m)
    return [
        # Inside a hole that a single level encloses: outside every grid, and yet in a gap.
        (source, "gap" if finding.get(source) else reason, level, grid, apart_m, finding.get(source))
        for source, reason, level, grid, apart_m in zip(*columns, strict=True)
    ]


def _findings_at(
    session: Session, plan_id: int, sources: gpd.GeoSeries, missed: pd.DataFrame
) -> dict[int, int | None]:
    """The finding, at its level, in which each source lies, if it lies in any."""
    lonlat = shapely.get_coordinates(sources.to_numpy())
    asked = {
        "plan": plan_id,
        "ids": missed.index.tolist(),
        "levels": missed["level"].tolist(),
        "x": lonlat[:, 0].tolist(),
        "y": lonlat[:, 1].tolist(),
    }
    return {row.source_id: row.finding for row in session.execute(_IN_FINDINGS, asked)}


_IN_FINDINGS = text(
    f"""SELECT s.source_id, min(f.id) AS finding FROM {SCHEMA}.finding f
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:levels AS bigint[]), CAST(:x AS float8[]),
        CAST(:y AS float8[])) AS s(source_id, level, x, y)
    ON f.child_level = s.level AND public.ST_Intersects(
        f.geometry, public.ST_SetSRID(public.ST_MakePoint(s.x, s.y), {SRID}))
    WHERE f.plan_id = :plan GROUP BY s.source_id"""
)
