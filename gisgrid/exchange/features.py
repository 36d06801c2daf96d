"""Grids of a draft created, replaced, changed and deleted one feature at a time, as GIS clients do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.exchange.difference import Change, Item, Refusal
from gisgrid.exchange.draft import WRITABLE, DraftRow, draft_rows
from gisgrid.exchange.placing import holder_of
from gisgrid.exchange.reading import Areal
from gisgrid.model import Grid
from gisgrid.planning.editing import Author, Edited, edit
from gisgrid.planning.errors import UnknownGrid
from gisgrid.planning.operations import Attributes, Carve, ChangeParent, Delete, Operation, Replace, Values
from gisgrid.planning.several import Bulk
from gisgrid.spatial.changed import changed_land
from gisgrid.spatial.editing.snapping import must_be_simple
from gisgrid.store.draft_grids import lock_plan
from gisgrid.text import Text

FIXED: Final = ("uid", "kind", "level")
"""Properties that are what they are; others that cannot be written are passed over."""

_CORRECT: Final = Text(zh="请改正后重试。", en="Correct it, and try again.")
Expected = Mapping[str, int] | None


def change_feature(
    session: Session,
    plan_id: int,
    grid_id: int,
    geometry: Areal | None,
    properties: Mapping[str, Any],
    *,
    is_whole: bool,
    by: Author,
    expected: Expected,
) -> Edited | None:
    """Replace a grid (`is_whole`: what is not given is taken away), or change what is given.

    A new geometry means that neighbours give or take the difference.

    Parameters
    ----------
    geometry : Polygon or MultiPolygon, optional
        EPSG:4490.
    expected : mapping of uid to int, or None
        The version of the holder as who writes knows it; finer levels follow. None: the last writer wins.

    Returns
    -------
    Edited or None
        None if nothing differs.

    Raises
    ------
    UnknownGrid, NotYours, StaleVersion, VersionNeeded, CannotEdit
    InputError
        If a property cannot have that value.
    """
    lock_plan(session, plan_id)
    known = _known(session, plan_id, grid_id)
    for name in FIXED:
        if name in properties and properties[name] != getattr(known, name):
            raise InputError(
                Text(zh=f"{name} 不能修改。", en=f"{name} cannot be changed."), where=name, todo=_CORRECT
            )
    parts: list[Operation] = []
    holder = properties.get("parent_uid")
    if holder is not None and holder != known.holder:
        parts.append(_made(ChangeParent, operation="change_parent", grid=known.uid, parent=holder))
    if geometry is not None:
        must_be_simple(geometry)
        if changed_land(known.geometry, geometry) is not None:
            parts.append(Replace(operation="replace", grid=known.uid, area=geometry))
    given = {name: properties[name] for name in WRITABLE if name in properties}
    if is_whole:
        given = {**dict.fromkeys(WRITABLE), "is_partial": False, **given}
    values = {name: value for name, value in given.items() if value != known.values[name]}
    if values:
        changes = _made(Values, **values)
        parts.append(Attributes(operation="attributes", grid=known.uid, changes=changes))
    if not parts:
        return None
    operation = parts[0] if len(parts) == 1 else Bulk(operation="bulk", operations=tuple(parts))  # type: ignore[arg-type]
    holders = {known.holder or known.uid}
    return edit(session, plan_id, operation, by=by, expected=_with_finer(session, plan_id, holders, expected))


def add_feature(
    session: Session,
    plan_id: int,
    geometry: Areal,
    properties: Mapping[str, Any],
    *,
    by: Author,
    expected: Expected,
) -> Edited:
    """Draw a new grid: siblings give the land that they have. Parameters and errors as `change_feature`."""
    lock_plan(session, plan_id)
    must_be_simple(geometry)
    level = properties.get("level")
    kind = properties.get("kind", "administrative")
    if kind not in ("administrative", "unit", "key"):
        raise InputError(
            Text(zh="kind 应为 administrative、unit 或 key。", en="kind is administrative, unit or key."),
            where="kind",
            todo=_CORRECT,
        )
    item = Item(
        1,
        None,
        None,
        str(properties.get("name")),
        kind,
        level if isinstance(level, int) else None,
        frozenset({Change.ADDED}),
        holder=None if properties.get("parent_uid") is None else str(properties["parent_uid"]),
        geometry=geometry,
    )
    holder = holder_of(item, draft_rows(session, plan_id))
    if isinstance(holder, Refusal):
        raise InputError(holder.what, where="parent_uid", todo=holder.todo or _CORRECT)
    values = {name: properties[name] for name in WRITABLE if name in properties and name != "is_partial"}
    operation = _made(Carve, operation="carve", kind=kind, holder=holder, area=geometry, takes=True, **values)
    return edit(
        session, plan_id, operation, by=by, expected=_with_finer(session, plan_id, {holder}, expected)
    )


def delete_feature(
    session: Session,
    plan_id: int,
    grid_id: int,
    land: Literal["neighbours", "holder"],
    *,
    by: Author,
    expected: Expected,
) -> Edited:
    """Take a grid away: its neighbours take the land, or nobody does. Errors as `change_feature`."""
    lock_plan(session, plan_id)
    known = _known(session, plan_id, grid_id)
    left: Literal["neighbours", "holder"] = "holder" if known.kind == "key" else land
    operation = Delete(operation="delete", grid=known.uid, land=left)
    holders = {known.holder or known.uid}
    return edit(session, plan_id, operation, by=by, expected=_with_finer(session, plan_id, holders, expected))


def _known(session: Session, plan_id: int, grid_id: int) -> DraftRow:
    uid = session.scalar(select(Grid.uid).where(Grid.plan_id == plan_id, Grid.id == grid_id))
    if uid is None:
        raise UnknownGrid(
            Text(zh="草稿里没有这个网格。", en="The draft has no such grid."),
            where=str(grid_id),
            todo=Text(zh="它可能已被合并或删除；请刷新。", en="It may be merged or gone; reload."),
        )
    return draft_rows(session, plan_id, uid=uid)[uid]


def _made(model: type[Any], /, **values: Any) -> Any:
    """An operation of what a stranger gave."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        at = error.errors()[0]
        where = ".".join(str(each) for each in at["loc"])[:60]
        raise InputError(
            Text(zh="这个属性的值不可用或缺少。", en="The property is missing, or cannot have this value."),
            where=where,
            todo=_CORRECT,
        ) from None


def _with_finer(session: Session, plan_id: int, holders: set[str], expected: Expected) -> Expected:
    """The versions stated, and those of all grids below the holders, which follow."""
    if expected is None:
        return None
    rows = session.execute(
        select(Grid.uid, Grid.version).where(
            Grid.plan_id == plan_id, Grid.path.overlap(sorted(holders)), Grid.uid.not_in(holders)
        )
    ).all()
    return {**{row.uid: row.version for row in rows}, **expected}
