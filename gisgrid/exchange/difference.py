"""What a file says otherwise than the draft: grid by grid, noise left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import InputError
from gisgrid.exchange.cells import Unusable, values_of
from gisgrid.exchange.draft import DBF_BYTES, DraftRow
from gisgrid.exchange.reading import FileGrid, GridFile
from gisgrid.exchange.rounding import Areal, Noise
from gisgrid.planning.drawn import MOST_VERTICES
from gisgrid.spatial.changed import changed_land
from gisgrid.spatial.findings import in_metres
from gisgrid.spatial.measure import area_m2
from gisgrid.text import Text


class Change(StrEnum):
    """What a file does to a grid."""

    ADDED = "added"
    REMOVED = "removed"
    RESHAPED = "reshaped"
    MOVED = "moved"  # under another holder
    VALUES = "values"


@dataclass(frozen=True)
class Refusal:
    """Why something is not done, where, and what to do."""

    what: Text
    where: str = ""
    todo: Text | None = None


@dataclass(frozen=True)
class Item:
    """A grid that the file has otherwise than the draft.

    Attributes
    ----------
    number : int
        In the order of the file; grids that it lacks come last.
    row : int or None
        In the file.
    uid : str or None
        None for a new one.
    changes : frozenset of Change
    values : mapping
        The columns that differ, with the file's values; all of a new grid's.
    former : mapping
        The draft's values of these columns.
    holder : str or None
        The uid that the file names, if it differs; of a new grid, if it names one.
    geometry : polygon or None
        The file's, where it is another land; EPSG:4490.
    land : polygon or None
        That one has and the other has not.
    differs_m2, moved_m : float or None
        Its area, and how far the outline moves at most.
    refused : Refusal or None
        What makes it unusable by itself.
    """

    number: int
    row: int | None
    uid: str | None
    name: str
    kind: str
    level: int | None
    changes: frozenset[Change]
    values: Mapping[str, Any] = field(default_factory=dict)
    former: Mapping[str, Any] = field(default_factory=dict)
    holder: str | None = None
    geometry: Areal | None = None
    land: BaseGeometry | None = None
    area_m2_before: float | None = None
    area_m2_after: float | None = None
    differs_m2: float | None = None
    moved_m: float | None = None
    refused: Refusal | None = None


@dataclass(frozen=True)
class Difference:
    """All that differs, and how many grids do not.

    Attributes
    ----------
    behind : tuple of str
        Grids that others changed since the file was written, and the file did not.
    versions : mapping of uid to int
        Of the holders, as the file knows them.
    """

    items: tuple[Item, ...]
    unchanged: int
    behind: tuple[str, ...]
    versions: Mapping[str, int]


class Formers:
    """What a grid was before, as the history of the draft has it."""

    def at(self, uid: str, holder: str, version: int) -> DraftRow | None:
        """A grid as it was at a version of its holder; None where nothing is known."""
        return None


def compare(file: GridFile, draft: Mapping[str, DraftRow], formers: Formers) -> Difference:
    """What a file has otherwise than a draft.

    Rows are matched by uid, else by code. Outlines are the same if they enclose the same
    land within 1e-9 degrees, once each vertex of the file within half a millimetre of one
    of the draft's (or that is one of them rounded as the whole file is) is put there.

    Raises
    ------
    InputError
        If two rows are the same grid and overlap, so that nobody can tell which is meant.
    """
    matched, new = _matched(file, draft)
    noise = Noise.of([each.geometry for each in draft.values()], file.decimals)
    items: list[Item] = []
    behind: list[str] = []
    unchanged = 0
    seen: set[str] = set()
    for grid in file.grids:
        number = len(items) + 1
        uid = matched.get(grid.row)
        if uid is None:
            items.append(_new(number, grid, noise, copied=new.get(grid.row)))
            continue
        seen.add(uid)
        item = _changed(number, grid, draft[uid], noise, file.format)
        if item is None:
            unchanged += 1
        elif (former := _former(grid, draft[uid], formers)) and (
            _changed(number, grid, former, noise, file.format) is None
        ):
            behind.append(uid)
        else:
            items.append(item)
    items += _missing(len(items), seen, draft)
    return Difference(tuple(items), unchanged, tuple(behind), _versions(file, draft))


def _former(grid: FileGrid, known: DraftRow, formers: Formers) -> DraftRow | None:
    """What the grid was when the file was written, if its holder was edited since."""
    version = _version(grid, "holder_ver")
    if version is None or known.holder is None or known.holder_version is None:
        return None
    return formers.at(known.uid, known.holder, version) if version < known.holder_version else None


def _versions(file: GridFile, draft: Mapping[str, DraftRow]) -> dict[str, int]:
    """The oldest version that the file names of each holder."""
    told: dict[str, int] = {}
    for grid in file.grids:
        for uid, column in (("uid", "version"), ("parent_uid", "holder_ver")):
            name, version = grid.cells.get(uid), _version(grid, column)
            if name in draft and version is not None:
                told[str(name)] = min(version, told.get(str(name), version))
    return told


def _version(grid: FileGrid, column: str) -> int | None:
    number = grid.cells.get(column) or ""
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None


def _matched(file: GridFile, draft: Mapping[str, DraftRow]) -> tuple[dict[int, str], dict[int, str]]:
    """The grid that each row is, by row; and those copied from one, as QGIS does when it splits."""
    codes: dict[str, list[str]] = {}
    for known in draft.values():
        if known.values["code"]:
            codes.setdefault(known.values["code"], []).append(known.uid)
    rows: dict[str, list[FileGrid]] = {}
    for grid in file.grids:
        uid = grid.cells.get("uid")
        if uid is None and len(codes.get(grid.cells.get("code") or "", ())) == 1:
            (uid,) = codes[str(grid.cells["code"])]
        if uid in draft:
            rows.setdefault(str(uid), []).append(grid)
    matched: dict[int, str] = {}
    copied: dict[int, str] = {}
    for uid, same in rows.items():
        first, *others = sorted(same, key=lambda each: -each.geometry.area)
        matched[first.row] = uid
        if others:
            _must_be_parts(file.name, uid, same)
            copied |= {each.row: uid for each in others}
    return matched, copied


def _must_be_parts(name: str, uid: str, same: Sequence[FileGrid]) -> None:
    shapes = np.array([each.geometry for each in same], dtype=object)
    if not any(each.is_mended for each in same):
        whole = shapely.union_all(shapes)
        if shapely.area(shapes).sum() - whole.area <= 1e-6 * whole.area:
            return
    listed = ", ".join(str(each.row) for each in same[:6])
    raise InputError(
        Text(
            zh=f"第 {listed} 行是同一个网格（{uid}），又互相重叠，无法判断以哪一行为准。",
            en=f"Rows {listed} are the same grid ({uid}) and overlap: which is meant?",
        ),
        where=name,
        todo=Text(
            zh="请删去多余的行；新画的网格请清空 uid。",
            en="Delete those not meant, and empty the uid of new grids.",
        ),
    )


def _changed(number: int, grid: FileGrid, known: DraftRow, noise: Noise, kind: str) -> Item | None:
    """How a row differs from a grid of the draft; None if it does not."""
    values, refused = {}, None
    try:
        values = values_of(grid.cells)
    except Unusable as bad:
        refused = Refusal(bad.reason, f"第 {grid.row} 行 row {grid.row}", bad.todo)
    values = {
        name: value
        for name, value in values.items()
        if value != known.values[name] and not _is_cut(kind, value, known.values[name])
    }
    changes = {Change.VALUES} if values or refused else set()
    holder = grid.cells.get("parent_uid")
    if holder is not None and holder != known.holder:
        changes.add(Change.MOVED)
    else:
        holder = None
    shape, land = grid.geometry, None
    if shape.wkb != known.geometry.wkb:
        shape = noise.without(shape)
        land = changed_land(known.geometry, shape)
    if land is not None:
        changes.add(Change.RESHAPED)
        refused = refused or _unusable(grid)
    if not changes:
        return None
    differs_m2, moved_m = (None, None) if land is None else _measured(known.geometry, shape, land)
    return Item(
        number,
        grid.row,
        known.uid,
        known.name,
        known.kind,
        known.level,
        frozenset(changes),
        values,
        {name: known.values[name] for name in values},
        holder,
        None if land is None else shape,
        land,
        known.area_m2,
        known.area_m2 if land is None else _m2(shape),
        differs_m2,
        moved_m,
        refused,
    )


def _is_cut(kind: str, value: Any, known: Any) -> bool:
    """Whether a text is the draft's as far as a shapefile holds it."""
    if kind != "Shapefile" or not isinstance(value, str) or not isinstance(known, str):
        return False
    return len(known.encode()) > DBF_BYTES - 4 < len(value.encode()) + 4 and known.startswith(value)


def _new(number: int, grid: FileGrid, noise: Noise, *, copied: str | None) -> Item:
    values, refused = {}, _unusable(grid)
    try:
        values = values_of(grid.cells)
    except Unusable as bad:
        refused = Refusal(bad.reason, f"第 {grid.row} 行 row {grid.row}", bad.todo)
    name = values.get("name") or f"新网格 {grid.row}"
    if copied is not None:  # its code is the other part's
        name, values = f"{name}（2）", {**values, "code": None}
    level = grid.cells.get("level") or ""
    shape = noise.without(grid.geometry)
    land_m2 = _m2(shape)
    kind = grid.cells.get("kind") or "administrative"
    if kind not in ("administrative", "unit", "key"):
        known = Text(zh="kind 应为 administrative、unit 或 key。", en="kind is administrative, unit or key.")
        refused = refused or Refusal(known, f"第 {grid.row} 行 row {grid.row}")
    return Item(
        number,
        grid.row,
        None,
        str(name)[:200],
        kind,
        int(level) if level.isascii() and level.isdecimal() and len(level) < 3 else None,
        frozenset({Change.ADDED}),
        values | {"name": str(name)[:200]},
        {},
        grid.cells.get("parent_uid"),
        shape,
        shape,
        None,
        land_m2,
        land_m2,
        None,
        refused,
    )


def _unusable(grid: FileGrid) -> Refusal | None:
    """What is wrong with an outline before anything is made of it."""
    where = f"第 {grid.row} 行 row {grid.row}"
    if grid.is_mended:
        return Refusal(
            Text(zh="边界自相交。", en="Its outline crosses itself."),
            where,
            Text(zh="请在 QGIS 中修正几何（检查有效性）。", en="Mend it in QGIS (Check validity)."),
        )
    if shapely.get_num_coordinates(grid.geometry) > MOST_VERTICES:
        return Refusal(
            Text(zh=f"顶点超过 {MOST_VERTICES} 个。", en=f"It has more than {MOST_VERTICES} vertices."),
            where,
            Text(zh="请先简化。", en="Simplify it."),
        )
    return None


def _missing(last: int, seen: set[str], draft: Mapping[str, DraftRow]) -> list[Item]:
    """Grids that the file lacks, though it has others of their kind and holder."""
    families = {(draft[uid].holder, draft[uid].kind) for uid in seen if draft[uid].holder is not None}
    lacking = [
        each for each in draft.values() if each.uid not in seen and (each.holder, each.kind) in families
    ]
    return [
        Item(
            last + at,
            None,
            each.uid,
            each.name,
            each.kind,
            each.level,
            frozenset({Change.REMOVED}),
            land=each.geometry,
            area_m2_before=each.area_m2,
            differs_m2=each.area_m2,
        )
        for at, each in enumerate(lacking, 1)
    ]


def _m2(shape: BaseGeometry) -> float:
    return float(area_m2(np.array([shape], dtype=object))[0])


def _measured(before: BaseGeometry, after: BaseGeometry, land: BaseGeometry) -> tuple[float, float]:
    """The area of the land that changes, and how far the outline moves at most, in metres."""
    shapes = np.array([before, after], dtype=object)
    flat = in_metres(shapes, np.array([before, before], dtype=object))
    return _m2(land), float(shapely.hausdorff_distance(flat[0], flat[1]))
