"""Grids of a draft created, replaced, changed and deleted one feature at a time, as GIS clients do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import shapely
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.exchange.difference import Change, Item, Refusal
from gisgrid.exchange.draft import WRITABLE, DraftRow, draft_rows
from gisgrid.exchange.placing import holder_of
from gisgrid.exchange.rounding import Areal, unrounded
from gisgrid.model import Grid, GridKind
from gisgrid.planning.drawn import Uid
from gisgrid.planning.editing import Author, Edited, check_versions, edit
from gisgrid.planning.errors import StaleVersion, UnknownGrid
from gisgrid.planning.operations import Attributes, Carve, ChangeParent, Delete, Operation, Replace, Values
from gisgrid.planning.several import Bulk
from gisgrid.spatial.changed import changed_land
from gisgrid.spatial.editing.snapping import must_be_simple
from gisgrid.store.edit_record import open_plan
from gisgrid.text import Text

FIXED: Final = ("uid", "kind", "level")
"""Properties that are what they are; others that cannot be written are passed over."""

_CORRECT: Final = Text(zh="请改正后重试。", en="Correct it, and try again.")
_NEAR_DEG: Final = 1e-5
"""Around a polygon, where the grids lie on whose borders it may have been drawn (1 m)."""

Expected = Mapping[str, int] | None


class _Place(BaseModel):
    """What a new grid says of its place in the hierarchy."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    kind: Literal["administrative", "unit", "key"] | None = None
    level: Annotated[StrictInt, Field(ge=1, le=20)] | None = None
    parent_uid: Uid | None = None


def uid_of(session: Session, plan_id: int, grid_id: int) -> str:
    """The uid of a grid of a draft.

    Raises
    ------
    UnknownGrid
        If the session sees none of this id.
    """
    uid = session.scalar(select(Grid.uid).where(Grid.plan_id == plan_id, Grid.id == grid_id))
    if uid is None:
        raise _unknown(str(grid_id))
    return uid


def change_feature(
    session: Session,
    plan_id: int,
    uid: str,
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
    open_plan(session, plan_id)
    known = _known(session, plan_id, uid)
    expected = _with_finer(session, plan_id, known.holder or uid, expected, is_coarsest=known.holder is None)
    for name in FIXED:
        if name in properties and properties[name] != getattr(known, name):
            raise InputError(
                Text(zh=f"{name} 不能修改。", en=f"{name} cannot be changed."), where=name, todo=_CORRECT
            )
    parts: list[Operation] = []
    holder = properties.get("parent_uid")
    if holder is not None and holder != known.holder:
        parts.append(_made(ChangeParent, operation="change_parent", grid=uid, parent=holder))
    if geometry is not None:
        area = _as_drawn(session, plan_id, geometry)
        if changed_land(known.geometry, area) is not None:
            parts.append(Replace(operation="replace", grid=uid, area=area))
    given = _written(properties)
    if is_whole:
        given = {**dict.fromkeys(WRITABLE), "is_partial": False, **given}
    values = {name: value for name, value in given.items() if value != known.values[name]}
    if values:
        changes = _made(Values, **values)
        parts.append(Attributes(operation="attributes", grid=uid, changes=changes))
    if not parts:
        if expected is not None:
            check_versions(session, plan_id, expected)
        return None
    operation = parts[0] if len(parts) == 1 else Bulk(operation="bulk", operations=tuple(parts))  # type: ignore[arg-type]
    return edit(session, plan_id, operation, by=by, expected=expected)


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
    open_plan(session, plan_id)
    area = _as_drawn(session, plan_id, geometry)
    place: _Place = _made(_Place, **{name: properties.get(name) for name in _Place.model_fields})
    holder = _holder(session, plan_id, area, place)
    values = {name: value for name, value in _written(properties).items() if name != "is_partial"}
    operation = _made(
        Carve,
        operation="carve",
        kind=place.kind or "administrative",
        holder=holder,
        area=area,
        takes=True,
        **values,
    )
    expected = _with_finer(session, plan_id, holder, expected)
    return edit(session, plan_id, operation, by=by, expected=expected)


def delete_feature(
    session: Session,
    plan_id: int,
    uid: str,
    land: Literal["neighbours", "holder"],
    *,
    by: Author,
    expected: Expected,
) -> Edited:
    """Take a grid away: its neighbours take the land, or nobody does. Errors as `change_feature`."""
    open_plan(session, plan_id)
    known = _known(session, plan_id, uid)
    left: Literal["neighbours", "holder"] = "holder" if known.kind == "key" else land
    operation = Delete(operation="delete", grid=uid, land=left)
    expected = _with_finer(session, plan_id, known.holder or uid, expected, is_coarsest=known.holder is None)
    return edit(session, plan_id, operation, by=by, expected=expected)


def _known(session: Session, plan_id: int, uid: str) -> DraftRow:
    found = draft_rows(session, plan_id, uid=uid).get(uid)
    if found is None:
        raise _unknown(uid)
    return found


def _unknown(where: str) -> UnknownGrid:
    return UnknownGrid(
        Text(zh="草稿里没有这个网格。", en="The draft has no such grid."),
        where=where,
        todo=Text(zh="它可能已被合并或删除；请刷新。", en="It may be merged or gone; reload."),
    )


def _as_drawn(session: Session, plan_id: int, geometry: Areal) -> Areal:
    """A client's polygon, once it is known to be one, without what the client rounded."""
    must_be_simple(geometry)
    west, south, east, north = geometry.bounds
    box = func.ST_MakeEnvelope(west - _NEAR_DEG, south - _NEAR_DEG, east + _NEAR_DEG, north + _NEAR_DEG, 4490)
    near = session.scalars(
        select(func.ST_AsBinary(Grid.geometry)).where(Grid.plan_id == plan_id, Grid.geometry.intersects(box))
    ).all()
    return unrounded(geometry, list(shapely.from_wkb([bytes(each) for each in near])))


def _holder(session: Session, plan_id: int, area: Areal, place: _Place) -> str:
    """The uid of the grid that holds a new one: the one that it names, else the one in which it lies."""
    kind = place.kind or "administrative"
    item = Item(
        1,
        None,
        None,
        "",
        kind,
        place.level,
        frozenset({Change.ADDED}),
        holder=place.parent_uid,
        geometry=area,
    )
    now = draft_rows(session, plan_id, uid=place.parent_uid, meets=area)
    found = holder_of(item, now)
    if isinstance(found, Refusal):
        raise InputError(found.what, where="parent_uid", todo=found.todo or _CORRECT)
    level = now[found].level + (1 if kind == "administrative" else 0)
    if place.level not in (None, level):
        raise InputError(
            Text(
                zh=f"{now[found].name}内的网格是第 {level} 级。",
                en=f"Grids in {now[found].name} have level {level}.",
            ),
            where="level",
            todo=_CORRECT,
        )
    return found


def _written(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of what can be written; GIS clients write an empty cell as null or as ""."""
    given = {
        name: None if properties[name] == "" else properties[name] for name in WRITABLE if name in properties
    }
    if given.get("is_partial", False) is None:
        given["is_partial"] = False
    return given


def _made(model: type[Any], /, **values: Any) -> Any:
    """A model of what a stranger gave."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        at = error.errors()[0]
        where = ".".join(str(each) for each in at["loc"])[:60] or "name"
        raise InputError(
            Text(zh="这个属性的值不可用或缺少。", en="The property is missing, or cannot have this value."),
            where=where,
            todo=_CORRECT,
        ) from None


def _with_finer(
    session: Session, plan_id: int, holder: str, expected: Expected, *, is_coarsest: bool = False
) -> Expected:
    """The versions stated, and those of all grids below the holder, which follow.

    `is_coarsest`: it stands for one of the coarsest grids, which has none.
    """
    if expected is None:
        return None
    below = Grid.path.overlap([holder])
    if is_coarsest:  # what it gives or takes, another of the coarsest takes or gives
        below |= Grid.parent_id.is_(None) & (Grid.kind == GridKind.ADMINISTRATIVE)
    rows = session.execute(
        select(Grid.uid, Grid.name, Grid.version).where(Grid.plan_id == plan_id, below)
    ).all()
    if holder not in expected:
        raise StaleVersion(
            Text(
                zh="If-Match 中没有上级网格现在的版本。",
                en="If-Match does not name the version that the holder has now.",
            ),
            where=", ".join(f'"{row.uid}:{row.version}"' for row in rows if row.uid == holder),
            todo=Text(
                zh="请重新读取这个要素，用它的 ETag。", en="Read the feature again, and give its ETag."
            ),
            changed=(),
        )
    return {**{row.uid: row.version for row in rows if row.uid != holder}, **expected}
