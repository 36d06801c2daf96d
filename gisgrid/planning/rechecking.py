"""The findings of a few grids, audited anew after an edit, as an audit of the whole plan would give them."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from gisgrid.frames import STORED_CRS, FindingKind
from gisgrid.model import SCHEMA, SRID
from gisgrid.planning.findings import path_of
from gisgrid.spatial.coverage import audit_level
from gisgrid.store.behind import Behind
from gisgrid.store.draft_grids import Bounds, DraftGrid, frame_of, read_around, read_level
from gisgrid.store.frames import SEPARATOR

_COLUMNS = {
    "kind": "text",
    "size_class": "text",
    "parent_level": "bigint",
    "child_level": "bigint",
    "parent_id": "bigint",
    "owner_ids": "bigint[]",
    "neighbours": "jsonb",
    "is_enclosed": "boolean",
    "area_m2": "float8",
    "width_m": "float8",
    "path": "text[]",
}
_NOBODY = -1
"""In place of the parent of a grid that has none."""
_NEAR_DEG = 1e-6
"""Rather more than a neighbour's outline may be away from a finding's."""


@dataclass(frozen=True)
class StoredFinding:
    """A finding of a plan; `id` is None until it is stored."""

    id: int | None
    kind: str
    size_class: str
    parent_level: int | None
    child_level: int
    parent_id: int | None
    owner_ids: tuple[int, ...]
    neighbours: tuple[tuple[int, float], ...]
    is_enclosed: bool | None
    area_m2: float
    width_m: float
    path: tuple[str, ...]
    geometry: BaseGeometry

    def values(self) -> tuple[Any, ...]:
        """What makes two findings the same."""
        return (*(getattr(self, column) for column in _COLUMNS), shapely.to_wkb(self.geometry))


@dataclass(frozen=True)
class Scope:
    """The findings between two levels that an edit may change.

    Attributes
    ----------
    child_level : int
    held : mapping of int to frozenset of int
        The children, as they were before, of the parents whose division is audited anew;
        of one beyond the jurisdiction of who is asking, none.
    own : frozenset of int
        The parents that who is asking oversees. Of the others' findings only those
        that a child of these claims as well are seen, and stored.
    children : frozenset of int
        All these, and those that changed.
    beside : frozenset of int
        Grids of other parents that claim the same land, and those parents.
    stored : tuple of StoredFinding
        What was known before.
    is_coarsest : bool
        Of the coarsest level, which is audited as a whole, since it has no parents.
    """

    child_level: int
    held: Mapping[int, frozenset[int]]
    own: frozenset[int]
    children: frozenset[int]
    beside: frozenset[int]
    stored: tuple[StoredFinding, ...]
    is_coarsest: bool = False

    @classmethod
    def of_coarsest(cls, session: Session, plan_id: int, level: int) -> Scope:
        """An edit of the coarsest grids."""
        stored = _read(session, _OF_COARSEST, {"plan": plan_id, "level": level})
        return cls(level, {}, frozenset(), frozenset(), frozenset(), tuple(stored), is_coarsest=True)

    @classmethod
    def around(
        cls,
        session: Session,
        plan_id: int,
        holders: Mapping[int, Collection[int]],
        changed: Mapping[int, Collection[int]],
    ) -> list[Scope]:
        """What an edit touches, seen before it is written: one for each of the child levels, in their order.

        By child level: `holders` are grids whose division is looked at anew, `changed` those that changed.
        """
        levels = sorted(holders.keys() | changed.keys())
        if not levels:
            return []
        held: dict[int, dict[int, frozenset[int]]] = {level: {} for level in levels}
        own: set[int] = set()
        asked = {"plan": plan_id, **_flat("holder", holders), **_flat("changed", changed)}
        for row in session.execute(_HELD, asked):
            held[row.child_level][row.parent] = frozenset(row.children or ())
            own |= {row.parent} if row.is_own else set()
        children = {level: frozenset(changed.get(level, ())).union(*held[level].values()) for level in levels}
        among = {
            "plan": plan_id,
            "parents": [each for parents in held.values() for each in parents],
            "children": list(frozenset[int]().union(*children.values())),
        }
        found = _read(session, _AMONG, among)
        return [cls._of(level, held[level], own, children[level], found) for level in levels]

    @classmethod
    def _of(
        cls,
        child_level: int,
        held: Mapping[int, frozenset[int]],
        own: Collection[int],
        children: frozenset[int],
        found: Iterable[StoredFinding],
    ) -> Scope:
        stored = tuple(
            each
            for each in found
            if each.child_level == child_level
            and (each.parent_id in held or not children.isdisjoint(each.owner_ids))
        )
        beside = {grid for each in stored for grid in each.owner_ids} - children
        beside |= {each.parent_id for each in stored if each.parent_id is not None} - held.keys()
        return cls(child_level, held, frozenset(own) & held.keys(), children, frozenset(beside), stored)


def _flat(name: str, by_level: Mapping[int, Collection[int]]) -> dict[str, list[int]]:
    """Grids by level as two arrays: `…_levels` and `…s`."""
    pairs = [(level, each) for level, ids in by_level.items() for each in ids]
    return {f"{name}_levels": [level for level, _ in pairs], f"{name}_ids": [each for _, each in pairs]}


_HELD = text(
    f"""SELECT held.child_level, held.id AS parent,
        EXISTS (SELECT FROM {SCHEMA}.grid g WHERE g.id = held.id) AS is_own,
        (SELECT array_agg(g.id) FROM {SCHEMA}.grid g
        WHERE g.plan_id = :plan AND g.parent_id = held.id) AS children
    FROM (
        SELECT * FROM unnest(CAST(:holder_levels AS bigint[]), CAST(:holder_ids AS bigint[]))
        UNION SELECT f.child_level, f.parent_id FROM (
            SELECT level, array_agg(id) AS ids
            FROM unnest(CAST(:changed_levels AS bigint[]), CAST(:changed_ids AS bigint[])) AS c(level, id)
            GROUP BY level
        ) changed JOIN {SCHEMA}.finding f ON f.child_level = changed.level
        WHERE f.plan_id = :plan AND f.parent_id IS NOT NULL
            AND (f.owner_ids && changed.ids OR EXISTS (SELECT FROM
                jsonb_array_elements(f.neighbours) n WHERE CAST(n -> 0 AS bigint) = ANY (changed.ids)))
    ) held(child_level, id)"""
)


def findings_of(session: Session, plan_id: int) -> list[StoredFinding]:
    """All findings of a plan that the session sees."""
    return _read(session, _OF_PLAN, {"plan": plan_id})


def _where(condition: str) -> TextClause:
    columns = ", ".join(_COLUMNS)
    return text(
        f"SELECT id, {columns}, public.ST_AsBinary(geometry) AS wkb FROM {SCHEMA}.finding "
        f"WHERE plan_id = :plan{condition} ORDER BY id"
    )


_OF_PLAN = _where("")
_OF_COARSEST = _where(" AND child_level = :level AND parent_level IS NULL")
_AMONG = _where(" AND (parent_id = ANY (:parents) OR owner_ids && CAST(:children AS bigint[]))")


def _read(session: Session, statement: TextClause, values: dict[str, Any]) -> list[StoredFinding]:
    rows = session.execute(statement, values).all()
    return [
        StoredFinding(
            row.id,
            row.kind,
            row.size_class,
            row.parent_level,
            row.child_level,
            row.parent_id,
            tuple(row.owner_ids),
            tuple((int(grid), float(share)) for grid, share in row.neighbours),
            row.is_enclosed,
            row.area_m2,
            row.width_m,
            tuple(row.path),
            shapely.from_wkb(bytes(row.wkb)),
        )
        for row in rows
    ]


def recheck(behind: Behind, plan_id: int, scope: Scope, frame: gpd.GeoDataFrame) -> tuple[StoredFinding, ...]:
    """Audit what the scope names, and store what differs; the findings that hold now.

    `frame` holds, as they are now, the scope's parents and those beside them with all their children.
    Grids of other parents take part where they claimed the same land before: no
    edit makes a grid reach where it did not reach. They take part too where a
    finding lies beside them, since it names its neighbours.
    """
    if scope.is_coarsest:
        frame, found = _audit_coarsest(behind.session, plan_id, scope.child_level)
        return _store(behind, plan_id, scope, _kept(found, frame))
    if not scope.children and not scope.stored:
        return ()
    found = _audit(behind, plan_id, scope, frame)
    if found is not None and len(found):
        west, south, east, north = found.total_bounds
        box = (west - _NEAR_DEG, south - _NEAR_DEG, east + _NEAR_DEG, north + _NEAR_DEG)
        near = _administrative(behind.session, plan_id, box, ())
        near = near[near["level"] == scope.child_level]
        if len(near):
            more = near[~near.index.isin(frame.index)]
            frame = gpd.GeoDataFrame(pd.concat([frame, more]), crs=STORED_CRS)
            found = _audit(behind, plan_id, scope, frame, beside=near.index)
    return _store(behind, plan_id, scope, [] if found is None else _kept(found, frame))


def _administrative(
    session: Session, plan_id: int, box: Bounds | None, holders: Iterable[int]
) -> gpd.GeoDataFrame:
    return frame_of(administrative_of(read_around(session, plan_id, box, holders)), texts=("path",))


def administrative_of(grids: Mapping[int, DraftGrid]) -> dict[int, DraftGrid]:
    """Those of some grids that are audited, and in which sources are placed."""
    return {key: grid for key, grid in grids.items() if grid.columns["kind"] == "administrative"}


def coarsest_level(session: Session, plan_id: int) -> int | None:
    """The number of a plan's coarsest level."""
    asked = text(f"SELECT min(level) FROM {SCHEMA}.grid WHERE plan_id = :plan AND kind = 'administrative'")
    level: int | None = session.scalar(asked, {"plan": plan_id})
    return level


def _audit_coarsest(session: Session, plan_id: int, level: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """All grids of the coarsest level and its findings, as `audit_levels` says."""
    frame = frame_of(read_level(session, plan_id, level))
    found = audit_level(None, frame).findings
    asked = text(
        f"SELECT EXISTS (SELECT FROM {SCHEMA}.grid WHERE plan_id = :plan AND level > :level "
        "AND kind = 'administrative')"
    )
    is_divided = session.scalar(asked, {"plan": plan_id, "level": level})
    return frame, found[found["kind"] == FindingKind.OVERLAP] if is_divided else found


def _audit(
    behind: Behind,
    plan_id: int,
    scope: Scope,
    frame: gpd.GeoDataFrame,
    *,
    beside: Iterable[int] = (),
) -> gpd.GeoDataFrame | None:
    """The findings of the scope's parents and their children; None where nothing is left to be audited."""
    above = frame["parent"].to_numpy(dtype=np.int64, na_value=_NOBODY)
    held = np.isin(above, list(scope.held))
    taking_part = held | frame.index.isin([*scope.beside, *beside])
    child = (frame["level"].to_numpy() == scope.child_level) & taking_part
    children = frame.take(np.flatnonzero(child))
    mine = set(frame.index[child & np.isin(above, list(scope.own))]) | scope.children
    wanted = {*scope.held, *scope.beside, *above[child].tolist()} - {_NOBODY}
    lacking = wanted - set(frame.index)
    if lacking:
        more = _administrative(behind.session, plan_id, None, lacking)
        frame = gpd.GeoDataFrame(pd.concat([frame, more[more.index.isin(lacking)]]), crs=STORED_CRS)
    is_parent = (frame["level"].to_numpy() == scope.child_level - 1) & frame.index.isin(list(wanted))
    parents = frame.take(np.flatnonzero(is_parent))
    if parents.empty or children.empty:
        return None
    audited = audit_level(parents, children).findings
    return audited if audited.empty else audited[_covers(scope, audited, mine)]


def _covers(scope: Scope, found: gpd.GeoDataFrame, mine: set[int]) -> NDArray[np.bool_]:
    """Which findings are the scope's: on land of parents of its own, or claimed by one of its children."""
    return np.array(
        [
            (not pd.isna(parent) and int(parent) in scope.own) or any(int(each) in mine for each in owners)
            for parent, owners in zip(found["parent"], found["owners"], strict=True)
        ],
        dtype=bool,
    )


def _kept(found: gpd.GeoDataFrame, frame: gpd.GeoDataFrame) -> list[StoredFinding]:
    if found.empty:  # most often, and to go through a frame without rows takes as long as an audit's tenth
        return []
    path = frame["path"]
    return [
        StoredFinding(
            None,
            str(row.kind),
            str(row.size_class),
            None if pd.isna(row.parent_level) else int(row.parent_level),
            int(row.child_level),
            None if pd.isna(row.parent) else int(row.parent),
            tuple(int(each) for each in row.owners),
            tuple((int(grid), float(share)) for grid, share in row.neighbours),
            None if pd.isna(row.enclosed) else bool(row.enclosed),
            float(row.area_m2),
            float(row.width_m),
            tuple(path_of(path, row.parent, row.owners, row.neighbours).split(SEPARATOR)),
            row.geometry,
        )
        for row in found.itertuples()
    ]


def _store(
    behind: Behind, plan_id: int, scope: Scope, found: list[StoredFinding]
) -> tuple[StoredFinding, ...]:
    """Make the scope's findings these; equal ones stay, with their ids."""
    before = [(each.values(), each) for each in scope.stored]
    now = [(each.values(), each) for each in found]
    known, here = dict(before), dict(now)
    fresh = [each for values, each in now if values not in known]
    holding = [known[values] for values, _ in now if values in known]
    gone = [each.id for values, each in before if values not in here]
    if gone:
        behind.do(_delete, gone)
    return (*holding, *(_insert(behind.session, plan_id, fresh) if fresh else ()))


def _delete(session: Session, ids: list[int | None]) -> None:
    session.execute(text(f"DELETE FROM {SCHEMA}.finding WHERE id = ANY (:ids)"), {"ids": ids})


def _insert(session: Session, plan_id: int, found: list[StoredFinding]) -> Iterable[StoredFinding]:
    rows = [
        {column: getattr(each, column) for column in _COLUMNS}
        | {
            "ord": at,
            "geometry": shapely.to_wkb(shapely.set_srid(each.geometry, SRID), hex=True, include_srid=True),
        }
        for at, each in enumerate(found)
    ]
    declared = ", ".join(f"{column} {kind}" for column, kind in _COLUMNS.items())
    ids = session.scalars(
        text(
            f"""INSERT INTO {SCHEMA}.finding (plan_id, {", ".join(_COLUMNS)}, geometry)
            SELECT :plan, {", ".join(_COLUMNS)}, CAST(geometry AS public.geometry)
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(ord bigint, {declared}, geometry text)
            ORDER BY ord RETURNING id"""
        ),
        {"plan": plan_id, "rows": json.dumps(rows, ensure_ascii=False)},
    ).all()
    return [replace(each, id=number) for number, each in zip(ids, found, strict=True)]
