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
from gisgrid.model import SCHEMA
from gisgrid.planning.recompute import store_uncovered
from gisgrid.spatial.assignment import assign, uncovered
from gisgrid.store.draft_grids import Bounds, frame_of, read_around


@dataclass(frozen=True)
class Moved:
    """A source that came from one grid of a level to another; None is no grid."""

    source_id: int
    uid: str
    name: str | None
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


def reassign(
    session: Session, plan_id: int, bounds: Bounds, missed: Missed, holders: Collection[int]
) -> tuple[Moved, ...]:
    """Put the sources inside the bounds, and those `missed`, into the grids of a plan, at every level.

    Parameters
    ----------
    session : Session
    plan_id : int
    bounds : (west, south, east, north)
        Of the land that changed hands.
    missed : Missed
        Uncovered sources elsewhere.
    holders : collection of int
        Grids whose division changed: all their children are looked at.

    Returns
    -------
    tuple of Moved
        Those that lie in another grid than before.
    """
    rows = session.execute(
        text(
            f"""SELECT s.id, s.uid, s.name, public.ST_X(s.geometry) AS x, public.ST_Y(s.geometry) AS y
            FROM {SCHEMA}.source s
            WHERE s.geometry OPERATOR(public.&&) public.ST_MakeEnvelope(:w, :s, :e, :n, 4490)
                OR s.id = ANY (:missed) ORDER BY s.id"""
        ),
        {"missed": list(missed.sources), **dict(zip("wsen", bounds, strict=True))},
    ).all()
    if not rows:
        return ()
    sources = gpd.GeoDataFrame(
        geometry=shapely.points([row.x for row in rows], [row.y for row in rows]),
        crs=STORED_CRS,
        index=pd.Index([row.id for row in rows], dtype="int64"),
    )
    box: Bounds = tuple(float(each) for each in sources.total_bounds)  # type: ignore[assignment]
    around = read_around(session, plan_id, box, {*holders, *missed.nearest})
    grids = frame_of({key: grid for key, grid in around.items() if grid.columns["kind"] == "administrative"})
    assigned = assign(sources, grids)
    called = {row.id: (row.uid, row.name) for row in rows}
    moved = _store_assigned(session, plan_id, called, assigned)
    uncovered_now = uncovered(sources, grids, assigned)
    stored = session.scalar(
        text(
            f"SELECT EXISTS (SELECT FROM {SCHEMA}.uncovered_source WHERE plan_id = :plan "
            "AND source_id = ANY (:ids))"
        ),
        {"plan": plan_id, "ids": sources.index.tolist()},
    )
    if len(uncovered_now) or stored:
        store_uncovered(session, plan_id, sources, uncovered_now)
    return moved


def _store_assigned(
    session: Session, plan_id: int, called: Mapping[int, tuple[str, str | None]], assigned: pd.DataFrame
) -> tuple[Moved, ...]:
    """Make the assignments those of the frame; which differ. `called`: uid and name of each source."""
    stored = session.execute(
        text(
            f"SELECT source_id, level, grid_id FROM {SCHEMA}.assignment "
            "WHERE plan_id = :plan AND source_id = ANY (:ids)"
        ),
        {"plan": plan_id, "ids": assigned.index.tolist()},
    ).all()
    before = {(row.source_id, row.level): row.grid_id for row in stored}
    after = {
        (int(source), int(level)): int(grid)
        for level in assigned.columns
        for source, grid in zip(assigned.index, assigned[level], strict=True)
        if not pd.isna(grid)
    }
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    gone = [key for key in changed if key in before]
    came = [key for key in changed if key in after]
    if gone:
        session.execute(
            text(
                f"""DELETE FROM {SCHEMA}.assignment a
                USING unnest(CAST(:sources AS bigint[]), CAST(:levels AS bigint[])) AS g(source_id, level)
                WHERE a.plan_id = :plan AND a.source_id = g.source_id AND a.level = g.level"""
            ),
            {"plan": plan_id, "sources": [key[0] for key in gone], "levels": [key[1] for key in gone]},
        )
    if came:
        session.execute(
            text(
                f"""INSERT INTO {SCHEMA}.assignment (plan_id, source_id, level, grid_id)
                SELECT :plan, * FROM unnest(
                    CAST(:sources AS bigint[]), CAST(:levels AS bigint[]), CAST(:grids AS bigint[]))"""
            ),
            {
                "plan": plan_id,
                "sources": [key[0] for key in came],
                "levels": [key[1] for key in came],
                "grids": [after[key] for key in came],
            },
        )
    return tuple(
        Moved(source, *called[source], level, before.get((source, level)), after.get((source, level)))
        for source, level in changed
    )
