"""The literals of a filter: text, numbers, days, geometries."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any, Final

import shapely

from gisgrid.cql.errors import BadFilter
from gisgrid.crs.served import ServedCrs, box_to_stored, to_stored

OPEN: Final = ".."
"""The end of an interval that has none."""


def plain_text(value: str) -> str:
    """A text that the database can hold."""
    if "\x00" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise BadFilter("文本含有不可用的字符。", "A text holds a character that cannot be used.")
    return value


def plain_number(value: float) -> float:
    """A finite number; an integer where it is whole and fits one."""
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadFilter("数字过大。", "A number is too large.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def day(value: Any) -> date:
    """A day, from a date or an instant as RFC 3339 writes it; of an instant, the day that it states."""
    if isinstance(value, str):
        try:
            if len(value) == 10:
                return date.fromisoformat(value)
            if len(value) > 10 and value[10] in "Tt " and value[-1] in "Zz0123456789":
                return datetime.fromisoformat(value).date()
        except ValueError:
            pass
    raise BadFilter(
        "日期应写作 2026-01-31 或 2026-01-31T00:00:00Z。",
        "A date is written 2026-01-31 or 2026-01-31T00:00:00Z.",
        where=str(value)[:40],
    )


def interval(value: Any) -> tuple[date | None, date | None]:
    """The first and the last day of an interval, None where it is open."""
    if not isinstance(value, list) or len(value) != 2:
        raise BadFilter("时间段应有起止两端。", "An interval has a start and an end.")
    start, end = (None if each == OPEN else day(_instant(each)) for each in value)
    if start is not None and end is not None and start > end:
        raise BadFilter("时间段的起点晚于终点。", "The interval starts after it ends.")
    return start, end


def _instant(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        return value.get("date", value.get("timestamp"))
    return value


def stored_shape(node: dict[str, Any], crs: ServedCrs) -> shapely.Geometry:
    """A geometry of the filter in the coordinates of the store.

    Raises
    ------
    BadFilter, InputError
        If it is none, or lies outside of what the CRS can express.
    """
    if "bbox" in node:
        return box_to_stored(_sides(node["bbox"]), crs)
    try:
        shape = _shape(node)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise _bad_shape() from None
    if shapely.is_empty(shape) or not shapely.is_valid(shape):
        raise BadFilter(
            "几何无效：自相交、未闭合或为空。",
            "The geometry is not valid: it crosses itself, is open or empty.",
        )
    return to_stored(shape, crs)


def _bad_shape() -> BadFilter:
    return BadFilter("看不懂几何。", "The geometry cannot be understood.")


def _sides(value: Any) -> tuple[float, float, float, float]:
    if not isinstance(value, list) or len(value) not in (4, 6) or not all(map(_is_number, value)):
        raise _bad_shape()
    middle = len(value) // 2
    west, south, east, north = (float(plain_number(value[at])) for at in (0, 1, middle, middle + 1))
    return west, south, east, north


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shape(node: dict[str, Any]) -> shapely.Geometry:
    kind = node["type"]
    if kind == "GeometryCollection":
        return shapely.GeometryCollection([_shape(each) for each in node["geometries"]])
    shape: shapely.Geometry = _BUILDERS[kind](_positions(node["coordinates"], _DEPTHS[kind]))
    return shape


def _positions(value: Any, depth: int) -> Any:
    """Checked: lists to the depth of the kind, then two finite numbers (a third is dropped)."""
    if not isinstance(value, list):
        raise _bad_shape()
    if depth == 0:
        if not 2 <= len(value) <= 4 or not all(map(_is_number, value)):
            raise _bad_shape()
        return tuple(float(plain_number(each)) for each in value[:2])
    return [_positions(each, depth - 1) for each in value]


def _ring(positions: list[Any]) -> list[Any]:
    if len(positions) < 4 or positions[0] != positions[-1]:
        raise _bad_shape()
    return positions


def _polygon(rings: list[Any]) -> shapely.Polygon:
    return shapely.Polygon(_ring(rings[0]), [_ring(each) for each in rings[1:]])


_DEPTHS: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_BUILDERS: Final[dict[str, Any]] = {
    "Point": shapely.Point,
    "MultiPoint": shapely.MultiPoint,
    "LineString": shapely.LineString,
    "MultiLineString": shapely.MultiLineString,
    "Polygon": _polygon,
    "MultiPolygon": lambda polygons: shapely.MultiPolygon([_polygon(each) for each in polygons]),
}
