"""The findings of an audit kept in the database: those that are still there keep their ids."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.frames import GridFrame
from gisgrid.model import SCHEMA
from gisgrid.spatial.coverage import Coverage
from gisgrid.store.frames import SEPARATOR, stage

Bounds: TypeAlias = tuple[float, float, float, float]
"""west, south, east, north in degrees."""

_COMPARED = (
    "kind",
    "size_class",
    "parent_level",
    "child_level",
    "parent_id",
    "owner_ids",
    "neighbours",
    "is_enclosed",
    "area_m2",
    "width_m",
    "path",
)


@dataclass(frozen=True)
class Change:
    """How many findings came and went, and where they lie."""

    came: int
    went: int
    bounds: tuple[Bounds, ...]


def store_findings(session: Session, plan_id: int, grids: GridFrame, audited: Sequence[Coverage]) -> Change:
    """Make the findings of a plan those of the audit of its grids.

    Parameters
    ----------
    session : Session
    plan_id : int
    grids : GridFrame
        As `gisgrid.store.frames.read_grids` gives them.
    audited : sequence of Coverage
        What `audit_levels` made of them.
    """
    found = pd.concat([each.findings for each in audited], ignore_index=True) if audited else None
    if found is None or found.empty:
        went = _delete(session, plan_id, "true")
        return Change(0, len(went), tuple(went))
    paths = [
        path_of(grids["path"], parent, owners, neighbours)
        for parent, owners, neighbours in zip(
            found["parent"], found["owners"], found["neighbours"], strict=True
        )
    ]
    stage(
        session,
        "found",
        {
            "kind": ("text", found["kind"].astype("str")),
            "size_class": ("text", found["size_class"].astype("str")),
            "parent_level": ("bigint", found["parent_level"]),
            "child_level": ("bigint", found["child_level"]),
            "parent_id": ("bigint", found["parent"]),
            "owner_ids": ("bigint[]", found["owners"]),
            "neighbours": (
                "jsonb",
                [[[int(grid), float(share)] for grid, share in each] for each in found["neighbours"]],
            ),
            "is_enclosed": ("boolean", found["enclosed"]),
            "area_m2": ("float8", found["area_m2"]),
            "width_m": ("float8", found["width_m"]),
            "path": ("text[]", paths),
            "geometry": ("geometry", found.geometry.to_numpy()),
        },
    )
    equal = " AND ".join(f"n.{each} IS NOT DISTINCT FROM o.{each}" for each in _COMPARED)
    same = f"{equal} AND public.ST_AsBinary(n.geometry) = public.ST_AsBinary(o.geometry)"
    went = _delete(session, plan_id, f"NOT EXISTS (SELECT FROM found n WHERE {same})")
    came = _insert(session, plan_id, same)
    return Change(len(came), len(went), (*came, *went))


def path_of(
    paths: pd.Series, parent: object, owners: Sequence[int], neighbours: Sequence[tuple[int, float]]
) -> str:
    """Whose a finding is, as a joined path: its parent's, or its first owner's.

    A hole between the coarsest grids is nobody's; all that lie around it oversee it.
    """
    if not pd.isna(parent):  # type: ignore[call-overload]
        return str(paths[int(parent)])  # type: ignore[call-overload]
    if len(owners):
        return str(paths[int(owners[0])])
    return SEPARATOR.join(dict.fromkeys(str(paths[int(grid)]) for grid, _ in neighbours))


def _delete(session: Session, plan_id: int, condition: str) -> list[Bounds]:
    rows = session.execute(
        text(
            f"SELECT id, public.ST_AsBinary(geometry) FROM {SCHEMA}.finding o "
            f"WHERE plan_id = :plan AND {condition}"
        ),
        {"plan": plan_id},
    ).all()
    if rows:
        session.execute(
            text(f"DELETE FROM {SCHEMA}.finding WHERE id = ANY (:ids)"),
            {"ids": [each.id for each in rows]},
        )
    return [shapely.from_wkb(bytes(shape)).bounds for _, shape in rows]


def _insert(session: Session, plan_id: int, same: str) -> list[Bounds]:
    listed = ", ".join((*_COMPARED, "geometry"))
    fresh = (
        f"FROM found n WHERE NOT EXISTS (SELECT FROM {SCHEMA}.finding o WHERE o.plan_id = :plan AND {same})"
    )
    if not session.scalar(text(f"SELECT EXISTS (SELECT {fresh})"), {"plan": plan_id}):
        return []
    rows = session.execute(
        text(
            f"INSERT INTO {SCHEMA}.finding (plan_id, {listed}) "
            f"SELECT :plan, {', '.join(f'n.{each}' for each in (*_COMPARED, 'geometry'))} {fresh} "
            "RETURNING public.ST_AsBinary(geometry)"
        ),
        {"plan": plan_id},
    ).scalars()
    return [shapely.from_wkb(bytes(shape)).bounds for shape in rows]
