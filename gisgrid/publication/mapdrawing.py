"""What an offline map draws of a layer: features with their looks worked out, and the legend they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from gisgrid.layer import Column, Kind, Layer
from gisgrid.publication.expression import Feature, evaluate
from gisgrid.text import Lang, Text

Json = dict[str, Any]

ZOOM: Final = 12.0
"""Sizes on the offline map do not change with the zoom: they are those of a district on a screen."""
MAX_FEATURES: Final = 5_000
MAX_VERTICES: Final = 250_000
"""What a browser on an office machine draws and pans without a hitch."""
_DECIMALS: Final = 7  # 1 cm
_KINDS: Final = {"MultiPolygon": "Polygon", "MultiLineString": "LineString", "MultiPoint": "Point"}
_YES: Final = Text(zh="是", en="yes")
_NO: Final = Text(zh="否", en="no")


@dataclass
class Drawing:
    """A layer ready to be drawn.

    Attributes
    ----------
    layer : Layer
    features : list
        `t` the type, `g` positions as [lat, lon], `p` what to draw there, the lowest first,
        `n` the name and `at` its place, `v` the values of the columns as words.
    swatches : list
        The lines of the legend that some feature needs, each with its count.
    total : int
        Rows that the layer has; more than the features where it is too large.
    tolerance : float
        Degrees by which outlines were simplified.
    """

    layer: Layer
    features: list[Json]
    swatches: list[Json]
    total: int
    tolerance: float
    bounds: tuple[float, float, float, float] | None


def draw(session: Session, layer: Layer, plan: int | None, lang: Lang) -> Drawing:
    """Read a layer's rows and work out their looks."""
    total, rows = _rows(session, layer, plan)
    shapes = [to_shape(row["geometry"]) for row in rows]
    bounds = _bounds(shapes)
    shapes, tolerance = _light(shapes)
    drawn: list[Json] = []
    counts = [0] * len(layer.legend)
    for row, shape in zip(rows, shapes, strict=True):
        for part in _parts(shape):
            feature = Feature(_properties(row), _KINDS.get(part.geom_type, part.geom_type), ZOOM)
            drawn.append(_feature(layer, feature, part, lang))
        _count(layer, Feature(_properties(row), drawn[-1]["t"] if drawn else "", ZOOM), counts)
    swatches = [
        {"label": each.label.of(lang), "color": each.color, "shape": each.shape, "size": each.size_px, "n": n}
        for each, n in zip(layer.legend, counts, strict=True)
        if n
    ]
    return Drawing(layer, drawn, swatches, total, tolerance, bounds)


def _rows(session: Session, layer: Layer, plan: int | None) -> tuple[int, Sequence[RowMapping]]:
    """How many rows there are, and the first of them in the order of the layer's table."""
    parameters = {"plan": plan} if layer.needs_plan else {}
    rows = layer.rows.subquery()
    column = rows.c[layer.sort.removeprefix("-")]
    order = column.desc() if layer.sort.startswith("-") else column.asc()
    first = select(rows).order_by(order.nulls_last(), rows.c.id).limit(MAX_FEATURES)
    total: int = session.execute(select(func.count()).select_from(rows), parameters).scalar_one()
    return total, session.execute(first, parameters).mappings().all()


def _bounds(shapes: Sequence[Any]) -> tuple[float, float, float, float] | None:
    if not shapes:
        return None
    west, south, east, north = (float(each) for each in shapely.total_bounds(shapes))
    return west, south, east, north


def _light(shapes: Sequence[Any]) -> tuple[list[Any], float]:
    """Shapes with no more vertices than a browser bears, and by how much they were simplified."""
    light, tolerance = list(shapes), 0.0
    while int(shapely.get_num_coordinates(light).sum()) > MAX_VERTICES and tolerance < 0.01:
        tolerance = tolerance * 2 or 5e-6
        light = list(shapely.simplify(shapes, tolerance, preserve_topology=True))
    return light, tolerance


def _parts(shape: Any) -> Iterator[Any]:
    """A mixed collection as its parts; anything else whole."""
    if shape.geom_type == "GeometryCollection":
        for each in shape.geoms:
            yield from _parts(each)
    elif not shape.is_empty:
        yield shape


def _properties(row: RowMapping) -> dict[str, Any]:
    """The row as a tile's feature would have it."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name not in {"geometry"}
    }


def _count(layer: Layer, feature: Feature, counts: list[int]) -> None:
    for number, swatch in enumerate(layer.legend):
        if swatch.filter is None or evaluate(list(swatch.filter), feature):
            counts[number] += 1


def _feature(layer: Layer, feature: Feature, shape: Any, lang: Lang) -> Json:
    made: Json = {
        "t": feature.geometry_type,
        "g": _positions(shape),
        "p": [],
        "v": [words_of(column, feature.properties[column.name], lang) for column in layer.columns],
    }
    if layer.name_column is not None:
        made["n"] = feature.properties[layer.name_column] or ""
    if feature.geometry_type == "Polygon":
        inside = shape.representative_point()
        made["at"] = [round(inside.y, _DECIMALS), round(inside.x, _DECIMALS)]
    for style in layer.style:
        if "filter" in style and not evaluate(style["filter"], feature):
            continue
        paint = {
            name: evaluate(_plain(name, value), feature) for name, value in style.get("paint", {}).items()
        }
        look = _LOOKS[style["type"]](paint) if style["type"] in _LOOKS else None
        is_point = feature.geometry_type == "Point"
        if look is not None and (style["type"] == "circle") == is_point:
            order = style.get("layout", {}).get(f"{style['type']}-sort-key")
            made["p"].append(look if order is None else {**look, "order": evaluate(order, feature)})
    return made


def _plain(name: str, value: Any) -> Any:
    return ["literal", value] if name == "line-dasharray" else value


def _positions(shape: Any) -> Any:
    """Coordinates as Leaflet takes them: latitude first."""

    def turned(sequence: Any) -> list[list[float]]:
        return [[round(y, _DECIMALS), round(x, _DECIMALS)] for x, y in shapely.get_coordinates(sequence)]

    if shape.geom_type == "Point":
        return turned(shape)[0]
    if shape.geom_type == "LineString":
        return turned(shape)
    if shape.geom_type == "Polygon":
        return [turned(ring) for ring in (shape.exterior, *shape.interiors)]
    return [_positions(part) for part in shape.geoms]


def _fill_look(paint: Mapping[str, Any]) -> Json:
    return {
        "stroke": False,
        "fill": True,
        "fillColor": paint["fill-color"],
        "fillOpacity": round(float(paint.get("fill-opacity", 1)), 2),
    }


def _line_look(paint: Mapping[str, Any]) -> Json:
    width = float(paint.get("line-width", 1))
    look: Json = {"fill": False, "color": paint["line-color"], "weight": round(width, 1)}
    if "line-opacity" in paint:
        look["opacity"] = round(float(paint["line-opacity"]), 2)
    if "line-dasharray" in paint:
        look["dashArray"] = " ".join(str(round(each * width, 1)) for each in paint["line-dasharray"])
    return look


def _circle_look(paint: Mapping[str, Any]) -> Json:
    return {
        "radius": round(float(paint["circle-radius"]), 1),
        "fill": True,
        "fillColor": paint["circle-color"],
        "fillOpacity": float(paint.get("circle-opacity", 1)),
        "color": paint.get("circle-stroke-color", "#ffffff"),
        "weight": float(paint.get("circle-stroke-width", 0)),
    }


_LOOKS: Final = {"fill": _fill_look, "line": _line_look, "circle": _circle_look}


def words_of(column: Column, value: Any, lang: Lang) -> str:
    """A value as people read it: codes in words, numbers with their unit; empty for none."""
    if value is None:
        return ""
    if column.words is not None and str(value) in column.words:
        return column.words[str(value)].of(lang)
    if column.kind is Kind.BOOLEAN:
        return (_YES if value else _NO).of(lang)
    if column.kind is Kind.NUMBER:
        digits = 0 if abs(value) >= 1000 else 1
        return f"{value:,.{digits}f}{f' {column.unit}' if column.unit else ''}"
    if column.kind is Kind.INTEGER and column.unit:
        return f"{value:,} {column.unit}"
    return str(value)
