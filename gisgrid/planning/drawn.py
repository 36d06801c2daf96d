"""What people draw: GeoJSON in, lines, areas and places of EPSG:4490 out, hostile until checked."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, cast

import shapely
from pydantic import Field, PlainValidator, WithJsonSchema
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import WrongGeometry
from gisgrid.text import Text

MOST_VERTICES: Final = 20_000
"""More than any boundary of a county has; counted before anything is made of them."""

_DEEPEST: Final = {"LineString": 1, "Polygon": 2, "MultiPolygon": 3}
_DRAW = Text(zh="请重新绘制。", en="Draw it again.")


def _geometry(given: object, *kinds: str) -> BaseGeometry:
    if isinstance(given, BaseGeometry):
        return given
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(given, dict) or kind not in kinds:
        listed = "、".join(kinds)
        raise WrongGeometry(
            Text(zh=f"应为 GeoJSON 的 {listed}。", en=f"It must be a GeoJSON {' or '.join(kinds)}."),
            where=str(kind)[:40],
            todo=_DRAW,
        )
    depth = _DEEPEST[str(kind)]
    coordinates = given.get("coordinates")
    if _count(coordinates, depth, 0) > MOST_VERTICES:
        raise WrongGeometry(
            Text(
                zh=f"顶点超过 {MOST_VERTICES} 个。",
                en=f"It has more than {MOST_VERTICES} vertices.",
            ),
            todo=Text(zh="请先简化，或分几次绘制。", en="Simplify it, or draw it in several steps."),
        )
    return _built(str(kind), coordinates)


def _count(coordinates: Any, depth: int, counted: int) -> int:
    """How many vertices there are, counting on from `counted` and no further than the limit."""
    if not isinstance(coordinates, list | tuple):
        raise _unreadable()
    if depth == 1:
        return counted + len(coordinates)
    for each in coordinates:
        counted = _count(each, depth - 1, counted)
        if counted > MOST_VERTICES:
            return counted
    return counted


def _unreadable() -> WrongGeometry:
    return WrongGeometry(
        Text(zh="坐标无法识别。", en="The coordinates cannot be understood."),
        where="coordinates",
        todo=Text(
            zh="应为经度、纬度的数字（EPSG:4490）。", en="Give longitude and latitude as numbers (EPSG:4490)."
        ),
    )


def _place(given: Any) -> tuple[float, float]:
    if not isinstance(given, list | tuple) or not 2 <= len(given) <= 4:
        raise _unreadable()
    lon, lat = given[:2]
    for each in (lon, lat):
        if isinstance(each, bool) or not isinstance(each, int | float):
            raise _unreadable()
        if isinstance(each, float) and not math.isfinite(each):  # an int may be too large for a float
            raise _unreadable()
    if abs(lon) > 180 or abs(lat) > 90:
        raise WrongGeometry(
            Text(
                zh="经度应在 ±180 之间，纬度在 ±90 之间。",
                en="A longitude is between -180 and 180, a latitude between -90 and 90.",
            ),
            where=f"{lon:.10g}, {lat:.10g}" if max(abs(lon), abs(lat)) < 1e12 else "",
            todo=Text(
                zh="请检查经纬度是否对调、是否为经纬度坐标。",
                en="See whether they changed places, and whether they are degrees.",
            ),
        )
    return float(lon), float(lat)


def _ring(given: Any) -> list[tuple[float, float]]:
    ring = [_place(each) for each in given]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise WrongGeometry(
            Text(
                zh="多边形的环应闭合，至少三个顶点。",
                en="A polygon's ring must close and have three corners at least.",
            ),
            where=f"{ring[0]}" if ring else "",
            todo=_DRAW,
        )
    return ring


def _polygon(given: Any) -> shapely.Polygon:
    rings = [_ring(each) for each in given]
    if not rings:
        raise _unreadable()
    return shapely.Polygon(rings[0], rings[1:])


def _built(kind: str, coordinates: Any) -> BaseGeometry:
    if kind == "Polygon":
        return _polygon(coordinates)
    if kind == "MultiPolygon":
        if not coordinates:
            raise _unreadable()
        return shapely.MultiPolygon([_polygon(each) for each in coordinates])
    places = [_place(each) for each in coordinates]
    if len(set(places)) < 2:
        raise WrongGeometry(
            Text(zh="线至少要有两个不同的点。", en="A line needs two different points at least."), todo=_DRAW
        )
    return shapely.LineString(places)


def area_given(given: object, *, is_flipped: bool) -> shapely.Polygon | shapely.MultiPolygon:
    """A GeoJSON Polygon or MultiPolygon of degrees; `is_flipped`: latitude comes first.

    Raises
    ------
    WrongGeometry
    """
    if is_flipped and isinstance(given, dict):
        given = {**given, "coordinates": _turned(given.get("coordinates"), 4)}
    return cast(shapely.Polygon | shapely.MultiPolygon, _geometry(given, "Polygon", "MultiPolygon"))


def _turned(coordinates: Any, depth: int) -> Any:
    if not isinstance(coordinates, list) or not depth:
        return coordinates
    if len(coordinates) >= 2 and not isinstance(coordinates[0], list):
        return [coordinates[1], coordinates[0], *coordinates[2:]]
    return [_turned(each, depth - 1) for each in coordinates]


def _schema(*kinds: str) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"type": "string", "enum": list(kinds)},
                "coordinates": {"type": "array", "items": {}},
            },
        }
    )


Line = Annotated[
    shapely.LineString, PlainValidator(lambda given: _geometry(given, "LineString")), _schema("LineString")
]
"""A GeoJSON LineString, lon/lat; closed if it ends where it began."""

Area = Annotated[
    shapely.Polygon | shapely.MultiPolygon,
    PlainValidator(lambda given: _geometry(given, "Polygon", "MultiPolygon")),
    _schema("Polygon", "MultiPolygon"),
]
"""A GeoJSON Polygon or MultiPolygon, lon/lat. Whether it crosses itself is asked later, with the place."""

Place = Annotated[
    tuple[float, float],
    PlainValidator(_place),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
"""Longitude and latitude in degrees."""

Name = Annotated[
    str,
    Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"),
]
"""What a grid is called: any text on one line. Whoever shows it escapes it."""

Uid = Annotated[str, Field(min_length=1, max_length=64)]
