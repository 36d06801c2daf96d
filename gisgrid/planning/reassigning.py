"""The grids in which a few sources lie, settled anew after an edit."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.frames import STORED_CRS
from gisgrid.model import SCHEMA, SRID
from gisgrid.spatial.assignment import assign, uncovered
from gisgrid.store.draft_grids import Bounds


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


@dataclass(frozen=True)
class Missed:
    """The uncovered sources whose nearest grid, or finding, may be another now, and the nearest grids."""

    sources: tuple[int, ...]
    nearest: frozenset[int]

    @classmethod
    def near(
        cls,
        session: Session,
        plan_id: int,
        grids: Collection[int],
        findings: Collection[int],
        bounds: Bounds,
    ) -> Missed:
        """Those in one of these findings, or to which one of these grids is the nearest.

        Also those that have land inside the bounds nearer than what was the nearest. Looked up before the
        grids change: with a grid, or a finding, go the references to it.
        """
        rows = session.execute(
            text(
                f"""SELECT u.source_id, u.nearest_id FROM {SCHEMA}.uncovered_source u
                JOIN {SCHEMA}.source s ON s.id = u.source_id
                WHERE u.plan_id = :plan AND (u.nearest_id = ANY (:ids)
                OR u.finding_id = ANY (CAST(:findings AS bigint[])) OR public.ST_DistanceSphere(
                    s.geometry,
                    public.ST_ClosestPoint(public.ST_MakeEnvelope(:w, :s, :e, :n, 4490), s.geometry)
                ) < u.distance_m * 1.02 + 1)"""
            ),
            {
                "plan": plan_id,
                "ids": list(grids),
                "findings": list(findings),
                **dict(zip("wsen", bounds, strict=True)),
            },
        ).all()
        nearest = frozenset(row.nearest_id for row in rows if row.nearest_id is not None)
        return cls(tuple(row.source_id for row in rows), nearest)


@dataclass(frozen=True)
class Near:
    """The sources that an edit may move: a frame of points by id; uid, name and class of each."""

    sources: gpd.GeoDataFrame
    called: Mapping[int, tuple[str, str | None, str]]

    @classmethod
    def to(cls, session: Session, bounds: Bounds, missed: Missed) -> Near:
        """Those inside the bounds of the land that changed hands, and those `missed` elsewhere."""
        rows = session.execute(
            text(
                f"""SELECT s.id, s.uid, s.name, s.source_class,
                    public.ST_X(s.geometry), public.ST_Y(s.geometry)
                FROM {SCHEMA}.source s
                WHERE s.geometry OPERATOR(public.&&) public.ST_MakeEnvelope(:w, :s, :e, :n, 4490)
                    OR s.id = ANY (:missed) ORDER BY s.id"""
            ),
            {"missed": list(missed.sources), **dict(zip("wsen", bounds, strict=True))},
        ).all()
        ids, uids, names, classes, x, y = zip(*rows, strict=True) if rows else ((),) * 6
        points = gpd.GeoDataFrame(
            geometry=shapely.points(x, y), crs=STORED_CRS, index=pd.Index(ids, dtype="int64")
        )
        return cls(points, dict(zip(ids, zip(uids, names, classes, strict=True), strict=True)))

    @property
    def bounds(self) -> Bounds | None:
        """Of all of them, or None where there are none."""
        if self.sources.empty:
            return None
        west, south, east, north = (float(each) for each in self.sources.total_bounds)
        return west, south, east, north


def reassign(
    session: Session, plan_id: int, near: Near, grids: gpd.GeoDataFrame, levels: Collection[int]
) -> tuple[Moved, ...]:
    """Put sources into the grids of a plan.

    Parameters
    ----------
    session : Session
    plan_id : int
    near : Near
    grids : GridFrame
        All in which they may lie, those whose division changed with all their children, and those
        to which uncovered ones were the nearest.
    levels : collection of int
        On which land changed hands; on all others the sources lie where they lay.

    Returns
    -------
    tuple of Moved
        Those that lie in another grid than before.
    """
    if near.sources.empty:
        return ()
    assigned = assign(near.sources, grids)
    moved = _store_assigned(session, plan_id, near.called, assigned, levels)
    _store_uncovered(session, plan_id, near.sources, uncovered(near.sources, grids, assigned))
    return moved


def _store_uncovered(session: Session, plan_id: int, sources: gpd.GeoDataFrame, missed: pd.DataFrame) -> None:
    """Make the uncovered ones among these sources those of the frame."""
    stored = session.execute(
        text(
            "SELECT source_id, reason, level, nearest_id, distance_m, finding_id "
            f"FROM {SCHEMA}.uncovered_source WHERE plan_id = :plan AND source_id = ANY (:ids)"
        ),
        {"plan": plan_id, "ids": sources.index.tolist()},
    ).all()
    before = {row.source_id: tuple(row) for row in stored}
    after = {row[0]: row for row in _uncovered_rows(session, plan_id, sources, missed)}
    gone = [key for key, row in before.items() if after.get(key) != row]
    came = [row for key, row in after.items() if before.get(key) != row]
    if gone:
        session.execute(
            text(f"DELETE FROM {SCHEMA}.uncovered_source WHERE plan_id = :plan AND source_id = ANY (:ids)"),
            {"plan": plan_id, "ids": gone},
        )
    if came:
        session.execute(
            text(
                f"""INSERT INTO {SCHEMA}.uncovered_source
                    (plan_id, source_id, reason, level, nearest_id, distance_m, finding_id)
                SELECT :plan, * FROM unnest(
                    CAST(:sources AS bigint[]), CAST(:reasons AS text[]), CAST(:levels AS bigint[]),
                    CAST(:nearest AS bigint[]), CAST(:apart AS float8[]), CAST(:findings AS bigint[]))"""
            ),
            {"plan": plan_id}
            | dict(
                zip(
                    ("sources", "reasons", "levels", "nearest", "apart", "findings"),
                    map(list, zip(*came, strict=True)),
                    strict=True,
                )
            ),
        )


def _uncovered_rows(
    session: Session, plan_id: int, sources: gpd.GeoDataFrame, missed: pd.DataFrame
) -> list[tuple[int, str, int, int | None, float | None, int | None]]:
    """Source, reason, level, nearest grid, metres to it and finding of each uncovered one."""
    if missed.empty:
        return []
    spots = sources.geometry.loc[missed.index]
    rows = session.execute(
        text(
            f"""SELECT s.source_id, min(f.id) AS finding FROM {SCHEMA}.finding f
            JOIN unnest(CAST(:ids AS bigint[]), CAST(:levels AS bigint[]), CAST(:x AS float8[]),
                CAST(:y AS float8[])) AS s(source_id, level, x, y)
            ON f.child_level = s.level AND public.ST_Intersects(
                f.geometry, public.ST_SetSRID(public.ST_MakePoint(s.x, s.y), {SRID}))
            WHERE f.plan_id = :plan GROUP BY s.source_id"""
        ),
        {
            "plan": plan_id,
            "ids": missed.index.tolist(),
            "levels": missed["level"].tolist(),
            "x": spots.x.tolist(),
            "y": spots.y.tolist(),
        },
    ).all()
    finding = {row.source_id: row.finding for row in rows}
    known = missed.astype(object).where(missed.notna(), None)
    return [
        # Inside a hole that a single level encloses: outside every grid, and yet in a gap.
        (source, "gap" if source in finding else reason, level, nearest, distance_m, finding.get(source))
        for source, reason, level, nearest, distance_m in known.itertuples(name=None)
    ]


_LISTED = """unnest(CAST(:sources AS bigint[]), CAST(:levels AS bigint[]), CAST(:grids AS bigint[]))
    AS n(source_id, level, grid_id)"""
_SAME = "a.plan_id = :plan AND a.source_id = n.source_id AND a.level = n.level"
_LEAVE = f"DELETE FROM {SCHEMA}.assignment a USING {_LISTED} WHERE {_SAME}"
_CHANGE = f"UPDATE {SCHEMA}.assignment a SET grid_id = n.grid_id FROM {_LISTED} WHERE {_SAME}"
_COME = f"""INSERT INTO {SCHEMA}.assignment (plan_id, source_id, level, grid_id)
    SELECT :plan, n.source_id, n.level, n.grid_id FROM {_LISTED}"""


def _store_assigned(
    session: Session,
    plan_id: int,
    called: Mapping[int, tuple[str, str | None, str]],
    assigned: pd.DataFrame,
    levels: Collection[int],
) -> tuple[Moved, ...]:
    """Make the assignments at some levels those of the frame; which differ. `called`: as `Near` has it."""
    stored = session.execute(
        text(
            f"SELECT source_id, level, grid_id FROM {SCHEMA}.assignment "
            "WHERE plan_id = :plan AND source_id = ANY (:ids) AND level = ANY (:levels)"
        ),
        {"plan": plan_id, "ids": assigned.index.tolist(), "levels": list(levels)},
    ).all()
    before = {(source, level): grid for source, level, grid in stored}
    after: dict[tuple[int, int], int] = {}
    for level in set(levels).intersection(assigned.columns):
        inside = assigned[level].dropna()
        after |= {
            (key, level): grid for key, grid in zip(inside.index.tolist(), inside.tolist(), strict=True)
        }
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    for statement, keys in (
        (_LEAVE, [key for key in changed if key not in after]),
        (_CHANGE, [key for key in changed if key in before and key in after]),
        (_COME, [key for key in changed if key not in before]),
    ):
        if keys:
            values = {
                "plan": plan_id,
                "sources": [key[0] for key in keys],
                "levels": [key[1] for key in keys],
                "grids": [after.get(key) for key in keys],
            }
            session.execute(text(statement), values)
    return tuple(
        Moved(source, *called[source], level, before.get((source, level)), after.get((source, level)))
        for source, level in changed
    )
