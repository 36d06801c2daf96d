"""Check the geometry of every row: the good ones stay, the others go with their reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gisgrid.frames import Rejected
from gisgrid.ingest import wkb as binary
from gisgrid.ingest.limits import Limits
from gisgrid.ingest.mending import mend
from gisgrid.ingest.table import Mended
from gisgrid.text import Text

Bools: TypeAlias = NDArray[np.bool_]
Geometries: TypeAlias = NDArray[np.object_]

_VERTICES_CHECKED_HERE = 200_000
"""Whether a larger polygon is valid is found out in the process that can be killed: a million random
vertices take 108 s."""

MISSING = Text(zh="没有几何。", en="It has no geometry.")
EMPTY = Text(zh="几何为空。", en="Its geometry is empty.")
NOT_FINITE = Text(zh="坐标含 NaN 或无穷大。", en="Its coordinates include NaN or infinity.")
DAMAGED = Text(zh="几何的编码已损坏。", en="Its geometry is damaged.")
NESTED = Text(zh="几何嵌套过深，不予解析。", en="Its geometry is nested too deeply, and was not parsed.")
UNSUPPORTED = Text(
    zh="几何类型不受支持（如三角网）。", en="Its geometry is of an unsupported type (a mesh, say)."
)
MIXED = Text(
    zh="几何集合里混有面以外的要素。", en="Its geometry collection mixes polygons with something else."
)
DEGENERATE = Text(
    zh="面退化为线或点（少于三个不同顶点）。",
    en="Its polygon has collapsed (fewer than three distinct vertices).",
)
CLOSED = Text(zh="环未闭合，已按首点闭合。", en="A ring was not closed; it was closed at its first point.")


def _too_slow(vertices: int) -> Text:
    return Text(
        zh=f"面有 {vertices:,} 个顶点且自相交严重，限时内无法修正。",
        en=f"Its polygon of {vertices:,} vertices crosses itself too often to be mended in time.",
    )


def _invalid(reason: str) -> Text:
    return Text(
        zh=f"面无效（{reason}），按其有效形式分析。",
        en=f"Its polygon is invalid ({reason}); its valid form is used.",
    )


@dataclass
class CheckedRows:
    """Geometry of n rows, of which `good` can be used."""

    geometry: Geometries | None
    points: NDArray[np.float64] | None  # (n, 2) instead of `geometry`, where all rows are points
    good: Bools
    reasons: dict[int, Text] = field(default_factory=dict)  # position -> why it is not good
    mended: dict[int, Text] = field(default_factory=dict)

    def reject(self, which: Bools, reason: Text) -> None:
        """Take the rows of a mask out, unless they are out already."""
        for at in np.flatnonzero(which & self.good):
            self.reasons[int(at)] = reason
        self.good &= ~which

    def rejected(self, row: NDArray[np.int64]) -> list[Rejected]:
        """The rows taken out, by their owner's numbers."""
        return [Rejected(int(row[at]), self.reasons[at]) for at in sorted(self.reasons)]

    def mended_rows(self, row: NDArray[np.int64]) -> list[Mended]:
        """The rows mended, by their owner's numbers."""
        return [Mended(int(row[at]), self.mended[at]) for at in sorted(self.mended) if self.good[at]]


def check_rows(wkb: pa.Array, limits: Limits, *, raw: bool) -> CheckedRows:
    """Parse and check the geometry of n rows.

    Parameters
    ----------
    wkb : pyarrow.Array
        n binaries, null where there is no geometry.
    limits : Limits
    raw : bool
        Whether nobody has parsed the WKB before, so that its nesting must be looked at.
    """
    points = binary.plain_points(wkb)
    if points is not None:
        return _check_points(points)
    code = binary.codes(wkb)
    kind = binary.base_types(code)
    rows = CheckedRows(np.full(len(wkb), None, object), None, np.ones(len(wkb), bool))
    rows.reject(wkb.is_null().to_numpy(zero_copy_only=False), MISSING)
    rows.reject(np.asarray(kind == -1), DAMAGED)
    rows.reject(np.asarray((kind < binary.POINT) | (kind > binary.COLLECTION)), UNSUPPORTED)
    nesting = (kind >= binary.MULTIPOINT) if raw else (kind == binary.COLLECTION)
    _reject_deep(rows, wkb, nesting, limits.nesting)
    _parse(rows, wkb)
    _open_collections(rows, kind == binary.COLLECTION)
    _reject_not_finite(rows)
    _reject_empty(rows)
    _mend_invalid(rows, limits)
    return rows


def _check_points(points: NDArray[np.float64]) -> CheckedRows:
    rows = CheckedRows(None, points, np.ones(len(points), bool))
    missing = np.isnan(points).all(axis=1)  # WKB writes an empty point so
    rows.reject(np.asarray(missing), EMPTY)
    rows.reject(np.asarray(~np.isfinite(points).all(axis=1)), NOT_FINITE)
    return rows


def _reject_deep(rows: CheckedRows, wkb: pa.Array, which: Bools, limit: int) -> None:
    for at in np.flatnonzero(which & rows.good):
        found = binary.depth(wkb[int(at)].as_py(), limit)
        if found == -1 or found > limit:
            rows.reasons[int(at)] = DAMAGED if found == -1 else NESTED
            rows.good[at] = False


def _parse(rows: CheckedRows, wkb: pa.Array) -> None:
    assert rows.geometry is not None  # noqa: S101 - tells mypy
    good = np.flatnonzero(rows.good)
    cells = wkb.take(pa.array(good)).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):  # NaN among the coordinates, which is looked for below
        parsed = shapely.from_wkb(cells, on_invalid="ignore")
    for at in np.flatnonzero(shapely.is_missing(parsed)):
        with np.errstate(invalid="ignore"):
            closed = shapely.from_wkb(cells[at], on_invalid="fix")
        if closed is None:
            reason = NOT_FINITE if _has_nan(cells[at]) else DAMAGED
            rows.reasons[int(good[at])] = reason
            rows.good[good[at]] = False
        else:
            parsed[at] = closed
            rows.mended[int(good[at])] = CLOSED
    rows.geometry[good] = shapely.force_2d(parsed)


def _has_nan(cell: bytes) -> bool:
    """Whether a damaged polygon's numbers include NaN: a ring that starts with NaN cannot close."""
    skip = 5 + 4 + 4 if len(cell) > 13 else 0
    return bool(np.isnan(np.frombuffer(cell[skip : skip + (len(cell) - skip) // 8 * 8], "<f8")).any())


def _open_collections(rows: CheckedRows, which: Bools) -> None:
    assert rows.geometry is not None  # noqa: S101 - tells mypy
    for at in np.flatnonzero(which & rows.good):
        parts = _leaves(rows.geometry[at])
        if not parts:
            rows.reasons[int(at)] = EMPTY
        elif all(part.geom_type == "Polygon" for part in parts):
            rows.geometry[at] = shapely.multipolygons(parts) if len(parts) > 1 else parts[0]
            continue
        else:
            rows.reasons[int(at)] = MIXED
        rows.good[at] = False


def _leaves(geometry: Any) -> list[Any]:
    left, leaves = [geometry], []
    while left:
        each = left.pop()
        if each.is_empty:
            continue
        if hasattr(each, "geoms"):
            left.extend(reversed(each.geoms))
        else:
            leaves.append(each)
    return leaves


def _reject_not_finite(rows: CheckedRows) -> None:
    xy, index = shapely.get_coordinates(rows.geometry, return_index=True)
    bad = np.zeros(len(rows.good), bool)
    bad[index[~np.isfinite(xy).all(axis=1)]] = True
    rows.reject(bad, NOT_FINITE)


def _reject_empty(rows: CheckedRows) -> None:
    rows.reject(np.asarray(shapely.is_empty(rows.geometry)), EMPTY)


def _mend_invalid(rows: CheckedRows, limits: Limits) -> None:
    assert rows.geometry is not None  # noqa: S101 - tells mypy
    at = np.flatnonzero(np.isin(shapely.get_type_id(rows.geometry), (3, 6)) & rows.good)
    vertices = shapely.get_num_coordinates(rows.geometry[at])
    suspect = vertices > _VERTICES_CHECKED_HERE
    suspect[~suspect] = ~shapely.is_valid(rows.geometry[at[~suspect]])
    at = at[suspect][np.argsort(vertices[suspect], kind="stable")]  # the cheap ones first
    if not at.size:
        return
    sent = shapely.to_wkb(rows.geometry[at]).tolist()
    answers = mend(sent, total_s=limits.mend_s, one_s=limits.mend_one_s)
    for position, before, answer in zip(at, sent, answers, strict=True):
        if answer == before:
            continue
        if answer:
            _replace(rows, int(position), shapely.from_wkb(answer))
            continue
        count = int(shapely.get_num_coordinates(rows.geometry[position]))
        rows.good[position] = False
        rows.reasons[int(position)] = _too_slow(count) if answer is None else DEGENERATE


def _replace(rows: CheckedRows, position: int, valid: Any) -> None:
    assert rows.geometry is not None  # noqa: S101 - tells mypy
    reason = _invalid(str(shapely.is_valid_reason(rows.geometry[position])))
    earlier = rows.mended.get(position)
    if earlier is not None:
        reason = Text(zh=earlier.zh + reason.zh, en=f"{earlier.en} {reason.en}")
    rows.geometry[position] = valid
    rows.mended[position] = reason
