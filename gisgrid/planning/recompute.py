"""What follows from grids, sources and receptors, brought up to date in the transaction that changed them.

Assignments, uncovered sources and findings belong to a plan; superseded plans
keep theirs as they were. The paths of sources and receptors follow the plan in
force. Rows that come out as they are stored are left alone, with their ids.
"""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.frames import GridFrame, SourceFrame
from gisgrid.model import SCHEMA, Plan, PlanState
from gisgrid.planning.findings import Bounds, Change, store_findings
from gisgrid.planning.placing import Placed, paths, place
from gisgrid.planning.surroundings import store_surroundings
from gisgrid.spatial.assignment import assign, uncovered
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.quality import stacks
from gisgrid.store.frames import read_grids, read_receptors, read_sources, stage

ALIVE = (PlanState.DRAFT, PlanState.IN_REVIEW, PlanState.PUBLISHED)


def placing_plan(session: Session) -> int | None:
    """Whose grids say where sources belong: the published plan; before there is one, the newest draft."""
    plan: int | None = session.scalar(_PLACING, {"alive": [str(each) for each in ALIVE]})
    return plan


_PLACING = text(
    f"SELECT coalesce((SELECT id FROM {SCHEMA}.plan WHERE state = 'published'), "
    f"(SELECT max(id) FROM {SCHEMA}.plan WHERE state = ANY (:alive)))"
)


def recompute_plan(session: Session, plan_id: int, *, within: Bounds | None = None) -> None:
    """After a plan's grids changed: its findings, and where sources and receptors lie.

    Parameters
    ----------
    session : Session
    plan_id : int
    within : (west, south, east, north), optional
        Of the land that changed, before and after; None where all may have.
    """
    grids = read_grids(session, plan_id)
    found = store_findings(session, plan_id, grids, audit_levels(grids) if len(grids) else ())
    touched = None if within is None else _sources_in(session, plan_id, _widened(within, found))
    sources = read_sources(session, touched)
    placed = place(sources, grids)
    _store_assignments(session, plan_id, placed)
    _store_uncovered(session, plan_id, sources, _uncovered(sources, grids, placed))
    if plan_id == placing_plan(session):
        _store_places(session, sources, placed)
        _store_receptor_paths(session, grids, None)


def put_in_force(session: Session, plan_id: int) -> None:
    """After a plan was published, or is the one left to place them: sources and receptors are whose it says.

    Its findings and assignments were brought up to date with every change of the draft.
    """
    grids, sources = read_grids(session, plan_id), read_sources(session)
    _store_places(session, sources, place(sources, grids))
    _store_receptor_paths(session, grids, None)


def recompute_sources(session: Session, ids: Collection[int] | None = None) -> None:
    """After sources came, moved or changed: their places in every plan that is alive, stacks, surroundings.

    Sources that were deleted take what belongs to them along.
    """
    sources = read_sources(session, ids)
    in_force = placing_plan(session)
    for plan_id in session.scalars(select(Plan.id).where(Plan.state.in_(ALIVE))).all():
        grids = read_grids(session, plan_id)
        placed = place(sources, grids)
        _store_assignments(session, plan_id, placed)
        _store_uncovered(session, plan_id, sources, _uncovered(sources, grids, placed))
        if plan_id == in_force:
            _store_places(session, sources, placed)
    _store_stacks(session)
    store_surroundings(session, ids)


def recompute_receptors(session: Session, ids: Collection[int] | None = None) -> None:
    """After receptors came, moved or went: their paths, and the surroundings of all sources."""
    in_force = placing_plan(session)
    if in_force is not None:
        _store_receptor_paths(session, read_grids(session, in_force), ids)
    store_surroundings(session, None)


def _sources_in(session: Session, plan_id: int, bounds: Bounds) -> list[int]:
    """Those inside the bounds, and the uncovered ones anywhere, to which another grid may be the nearest."""
    asked = text(
        f"""SELECT id FROM {SCHEMA}.source
        WHERE geometry OPERATOR(public.&&) public.ST_MakeEnvelope(:w, :s, :e, :n, 4490)
        UNION SELECT source_id FROM {SCHEMA}.uncovered_source WHERE plan_id = :plan"""
    )
    return list(session.scalars(asked, {"plan": plan_id, **dict(zip("wsen", bounds, strict=True))}))


def _widened(within: Bounds, found: Change) -> Bounds:
    """The bounds, and those of the findings that came or went."""
    boxes = np.array([within, *found.bounds])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _store_assignments(session: Session, plan_id: int, placed: Placed) -> None:
    long = placed.assigned.stack().reset_index()
    long.columns = pd.Index(["source", "level", "grid"])
    long = long[long["grid"].notna()]
    stage(session, "touched", {"id": ("bigint", placed.assigned.index.to_numpy())})
    stage(
        session,
        "assigned",
        {
            "source_id": ("bigint", long["source"].to_numpy(np.int64)),
            "level": ("bigint", long["level"].to_numpy(np.int64)),
            "grid_id": ("bigint", long["grid"].to_numpy(np.int64)),
        },
    )
    _replace(session, "assignment", "assigned", plan_id, ("level", "grid_id"))


def _uncovered(sources: SourceFrame, grids: GridFrame, placed: Placed) -> pd.DataFrame:
    return uncovered(sources, grids, placed.assigned) if len(grids) else pd.DataFrame()


def _store_uncovered(session: Session, plan_id: int, sources: SourceFrame, missed: pd.DataFrame) -> None:
    """Make these the uncovered ones among some sources of a plan.

    Parameters
    ----------
    session : Session
    plan_id : int
    sources : SourceFrame
        All that were looked at.
    missed : DataFrame
        What `gisgrid.spatial.assignment.uncovered` says of them.
    """
    if missed.empty:
        missed = pd.DataFrame(columns=["reason", "level", "nearest", "distance_m"], index=sources.index[:0])
    stage(session, "touched", {"id": ("bigint", sources.index.to_numpy())})
    finding = _findings_at(session, plan_id, sources, missed)
    # Inside a hole that a single level encloses: outside every grid, and yet in a gap.
    reason = missed["reason"].where(finding.isna(), "gap")
    stage(
        session,
        "missed",
        {
            "source_id": ("bigint", missed.index.to_numpy(np.int64)),
            "reason": ("text", reason.astype("object")),
            "level": ("bigint", missed["level"].astype("Int64")),
            "nearest_id": ("bigint", missed["nearest"].astype("Int64")),
            "distance_m": ("float8", missed["distance_m"].astype("float64")),
            "finding_id": ("bigint", finding),
        },
    )
    _replace(
        session,
        "uncovered_source",
        "missed",
        plan_id,
        ("reason", "level", "nearest_id", "distance_m", "finding_id"),
    )


def _findings_at(session: Session, plan_id: int, sources: SourceFrame, missed: pd.DataFrame) -> pd.Series:
    """The finding of the level that misses it, in which each uncovered source lies."""
    found = pd.Series(pd.NA, index=missed.index, dtype="Int64")
    if missed.empty:
        return found
    lonlat = sources.geometry.loc[missed.index]
    stage(
        session,
        "spots",
        {
            "source_id": ("bigint", missed.index.to_numpy(np.int64)),
            "level": ("bigint", missed["level"]),
            "spot": ("geometry", lonlat.to_numpy()),
        },
    )
    session.execute(text("CREATE INDEX ON spots USING gist (spot)"))
    rows = session.execute(
        text(
            f"""SELECT s.source_id, min(f.id) FROM {SCHEMA}.finding f JOIN spots s
                ON f.child_level = s.level AND f.geometry OPERATOR(public.&&) s.spot
                AND public.ST_Intersects(f.geometry, s.spot)
                WHERE f.plan_id = :plan GROUP BY s.source_id"""
        ),
        {"plan": plan_id},
    ).all()
    for source, finding in rows:
        found[source] = finding
    return found


def _replace(session: Session, table: str, staged: str, plan_id: int, columns: tuple[str, ...]) -> None:
    """Make the rows of the touched sources in a plan those of the staged table; equal ones stay."""
    stored = f"{SCHEMA}.{table} o"
    equal = " AND ".join(f"n.{each} IS NOT DISTINCT FROM o.{each}" for each in columns)
    same = f"n.source_id = o.source_id AND {equal}"
    stale = (
        "o.plan_id = :plan AND o.source_id IN (SELECT id FROM touched) "
        f"AND NOT EXISTS (SELECT FROM {staged} n WHERE {same})"
    )
    fresh = f"FROM {staged} n WHERE NOT EXISTS (SELECT FROM {stored} WHERE o.plan_id = :plan AND {same})"
    values = {"plan": plan_id}
    listed = ", ".join(columns)
    if session.scalar(text(f"SELECT EXISTS (SELECT FROM {stored} WHERE {stale})"), values):
        session.execute(text(f"DELETE FROM {stored} WHERE {stale}"), values)
    if session.scalar(text(f"SELECT EXISTS (SELECT {fresh})"), values):
        session.execute(
            text(
                f"INSERT INTO {SCHEMA}.{table} (plan_id, source_id, {listed}) "
                f"SELECT :plan, n.source_id, {', '.join(f'n.{each}' for each in columns)} {fresh}"
            ),
            values,
        )


def _store_places(session: Session, sources: SourceFrame, placed: Placed) -> None:
    """The paths of sources and how far they lie from the grid that they state, where these changed."""
    apart = placed.stated_distance_m
    same_path = sources["path"].eq(placed.path).to_numpy(dtype=bool)
    before, after = sources["stated_distance_m"].to_numpy(float), apart.to_numpy(float)
    same_distance = (before == after) | (np.isnan(before) & np.isnan(after))
    changed = np.flatnonzero(~(same_path & same_distance))
    if not len(changed):
        return
    if _put_under(session, "source", sources.index[changed], placed.path.iloc[changed], after[changed]):
        return
    stage(
        session,
        "places",
        {
            "id": ("bigint", sources.index.to_numpy()[changed]),
            "grid_path": ("text[]", placed.path.iloc[changed]),
            "stated_distance_m": ("float8", after[changed]),
        },
    )
    session.execute(
        text(
            f"UPDATE {SCHEMA}.source o SET grid_path = n.grid_path, stated_distance_m = n.stated_distance_m "
            "FROM places n WHERE n.id = o.id"
        )
    )


def _put_under(
    session: Session, kind: str, ids: pd.Index, paths: pd.Series, distances_m: NDArray[np.float64] | None
) -> bool:
    """Let who publishes a plan put sources and receptors under it; False if nobody is publishing one.

    An approver may not otherwise change them; the operator's shell needs no leave.
    """
    if not session.scalar(text(f"SELECT {SCHEMA}.is_publishing()")):
        return False
    far: list[float | None] = [None] * len(ids)
    if distances_m is not None:
        far = [None if np.isnan(each) else float(each) for each in distances_m]
    session.execute(
        text(
            f"SELECT {SCHEMA}.put_under(:kind, CAST(:ids AS bigint[]), CAST(:paths AS text[]), "
            "CAST(:far AS float8[]))"
        ),
        {
            "kind": kind,
            "ids": [int(each) for each in ids],
            "paths": [str(each) for each in paths],
            "far": far,
        },
    )
    return True


def _store_receptor_paths(session: Session, grids: GridFrame, ids: Collection[int] | None) -> None:
    receptors = read_receptors(session, ids)
    path = paths(assign(receptors, grids), grids)
    changed = np.flatnonzero(receptors["path"].ne(path).to_numpy(dtype=bool))
    if not len(changed):
        return
    if _put_under(session, "receptor", receptors.index[changed], path.iloc[changed], None):
        return
    stage(
        session,
        "places",
        {
            "id": ("bigint", receptors.index.to_numpy()[changed]),
            "grid_path": ("text[]", path.iloc[changed]),
        },
    )
    session.execute(
        text(f"UPDATE {SCHEMA}.receptor o SET grid_path = n.grid_path FROM places n WHERE n.id = o.id")
    )


def _store_stacks(session: Session) -> None:
    """How many sources share a spot, of all sources: one that came may complete a stack."""
    sources = read_sources(session)
    size = pd.Series(pd.NA, index=sources.index, dtype="Int64")
    for pile in stacks(sources).itertuples():
        size[list(pile.sources)] = pile.count
    before = sources["stack_size"]
    changed = (before.fillna(0) != size.fillna(0)).to_numpy(dtype=bool)
    if not changed.any():
        return
    stage(
        session,
        "piles",
        {"id": ("bigint", sources.index.to_numpy()[changed]), "size": ("bigint", size[changed])},
    )
    session.execute(text(f"UPDATE {SCHEMA}.source o SET stack_size = n.size FROM piles n WHERE n.id = o.id"))
