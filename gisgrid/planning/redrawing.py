"""From new outlines to rows: ids, names, places in the hierarchy and areas of what an operation redraws."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from gisgrid.planning.operations import Operation
from gisgrid.spatial.editing import Piece, Redrawn
from gisgrid.spatial.measure import area_m2
from gisgrid.store.draft_grids import DraftGrid, GridChange, as_stored, read_below
from gisgrid.store.merging import new_ids

_ADMINISTRATIVE = "administrative"


def changes_of(
    session: Session, plan_id: int, operation: Operation, redrawn: Redrawn, around: Mapping[int, DraftGrid]
) -> list[GridChange]:
    """What an operation makes of the rows of a draft.

    Parameters
    ----------
    session : Session
    plan_id : int
    operation : Operation
    redrawn : Redrawn
        What it makes of their outlines.
    around : mapping of id to DraftGrid
        The grids that were looked at.
    """
    before = dict(around)
    after = {key: replace(before[key], geometry=as_stored(shape)) for key, shape in redrawn.changed.items()}
    _measure(after, [key for key in redrawn.changed if key not in redrawn.only_vertices])
    by_uid = {grid.uid: key for key, grid in around.items()}
    for uid, values in operation.changed_columns().items():
        key = by_uid[uid]
        after[key] = after.get(key, before[key]).with_columns(**values)
    added = _added(session, operation, redrawn.added, around)
    _rehang(session, plan_id, redrawn, before, after, added)
    kept = redrawn.only_vertices - redrawn.reparented.keys()
    return [
        *(GridChange(before[key], grid, key in kept) for key, grid in after.items()),
        *(GridChange(None, grid) for grid in added),
        *(GridChange(before[key], None) for key in redrawn.removed),
    ]


def _measure(grids: dict[int, DraftGrid], which: list[int]) -> None:
    """Their areas; a vertex more on an edge changes none."""
    shapes = np.array([grids[key].geometry for key in which], dtype=object)
    for key, area in zip(which, area_m2(shapes), strict=True):
        grids[key] = grids[key].with_columns(area_m2=float(area))


def _added(
    session: Session, operation: Operation, pieces: tuple[Piece, ...], around: Mapping[int, DraftGrid]
) -> list[DraftGrid]:
    """Rows for what came, each after the grid that it was part of, or its holder."""
    if not pieces:
        return []
    ids = new_ids(session, "grid", len(pieces))
    shapes = [as_stored(piece.geometry) for piece in pieces]
    areas = area_m2(np.array(shapes, dtype=object))
    names = _names(operation, pieces, around)
    above = [[] if piece.holder is None else around[piece.holder].columns["path"] for piece in pieces]
    return [
        DraftGrid(
            _columns_of(operation, at, piece, around)
            | {"name": names[at], "id": key, "uid": (uid := _new_uid()), "area_m2": float(area)}
            | {"path": [*above[at], uid]},
            shape,
        )
        for at, (piece, shape, key, area) in enumerate(zip(pieces, shapes, ids, areas, strict=True))
    ]


def _new_uid() -> str:
    return f"g-{secrets.token_hex(8)}"


def _columns_of(
    operation: Operation, at: int, piece: Piece, around: Mapping[int, DraftGrid]
) -> dict[str, Any]:
    holder = None if piece.holder is None else around[piece.holder]
    origin = around[piece.of[0]] if piece.of else holder
    assert origin is not None  # noqa: S101 -- land that was nobody's is drawn inside a holder
    is_overlay = piece.kind != _ADMINISTRATIVE
    like = origin.columns if origin.columns["kind"] == piece.kind else {}
    level = int(origin.columns["level"])
    if holder is not None:
        level = int(holder.columns["level"]) + (0 if is_overlay else 1)
    return {
        "kind": piece.kind,
        "level": level,
        "code": None,
        "category": like.get("category"),
        "parent_id": None if is_overlay else piece.holder,
        "is_overlay": is_overlay,
        "owner_id": piece.holder if is_overlay else None,
        "supervising_level": like.get("supervising_level"),
        "basis": like.get("basis"),
        "is_partial": bool(like.get("is_partial", False)),
        "is_indicative": bool(origin.columns.get("is_indicative", False)),
    } | operation.columns_of_added(at)


def _names(operation: Operation, pieces: tuple[Piece, ...], around: Mapping[int, DraftGrid]) -> list[str]:
    """What the pieces are called: as was said, else by a number that none of their siblings has."""
    names = list(operation.names[: len(pieces)])
    for piece in pieces[len(names) :]:
        taken = {grid.name for grid in around.values() if grid.holder == piece.holder} | {*names}
        origin = around[piece.of[0]].name if piece.of else ""
        owner = "" if piece.holder is None else around[piece.holder].name
        is_numbered = not origin or origin == owner or re.fullmatch(rf"{re.escape(owner)}\d+号单元", origin)
        stem = re.sub(r"（\d+）$", "", origin)
        free = (
            name
            for number in itertools.count(1)
            if (name := f"{owner}{number}号单元" if is_numbered else f"{stem}（{number + 1}）") not in taken
        )
        names.append(next(free))
    return names


def _rehang(
    session: Session,
    plan_id: int,
    redrawn: Redrawn,
    before: dict[int, DraftGrid],
    after: dict[int, DraftGrid],
    added: list[DraftGrid],
) -> None:
    """Put grids under their new holders, and all that is below them along."""
    if not redrawn.reparented:
        return
    moved = {before[key].uid for key in redrawn.reparented}
    below = read_below(session, plan_id, moved)
    for key, grid in below.items():
        before.setdefault(key, grid)

    new = {grid.id: grid for grid in added}

    def now(key: int) -> DraftGrid:
        return added[-key - 1] if key < 0 else after.get(key, before[key])

    for key, holder in redrawn.reparented.items():
        is_overlay = before[key].columns["kind"] != _ADMINISTRATIVE
        column = "owner_id" if is_overlay else "parent_id"
        after[key] = after.get(key, before[key]).with_columns(**{column: now(holder).id})
    for key in sorted({*redrawn.reparented, *below}, key=lambda each: len(before[each].columns["path"])):
        grid = now(key)
        top = grid.holder
        assert top is not None  # noqa: S101 -- a grid below another has one
        above = new.get(top) or after.get(top) or before[top]
        path = [*above.columns["path"], grid.uid]
        if path != grid.columns["path"]:
            after[key] = grid.with_columns(path=path)
