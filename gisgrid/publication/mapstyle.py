"""A layer as clients of other people read it: TileJSON, a MapLibre style, a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gisgrid.layer import Column, Kind, Layer, Swatch
from gisgrid.store.tiles import has_points, points_of
from gisgrid.text import Text

Json = dict[str, Any]
Bounds = tuple[float, float, float, float]

_TILE_TYPES = {Kind.INTEGER: "Number", Kind.NUMBER: "Number", Kind.BOOLEAN: "Boolean"}


def both(text: Text) -> Json:
    """A text in both languages."""
    return {"zh": text.zh, "en": text.en}


def tilejson(layer: Layer, tiles: str, bounds: Bounds | None, attribution: str | None = None) -> Json:
    """The layer as TileJSON 3.0.0.

    Parameters
    ----------
    layer : Layer
    tiles : str
        The address of a tile, with {z}, {x} and {y} in it.
    bounds : tuple or None
        West, south, east, north.
    attribution : str, optional
    """
    fields = {column.name: _field(column) for column in layer.columns}
    inside = {"fields": fields, "minzoom": layer.minzoom, "maxzoom": layer.maxzoom}
    held = [{"id": layer.id, "description": str(layer.about), **inside}]
    if has_points(layer):
        held.append({"id": points_of(layer), "description": "名称与标记 Names and marks", **inside})
    document: Json = {
        "tilejson": "3.0.0",
        "name": str(layer.title),
        "description": str(layer.about),
        "scheme": "xyz",
        "tiles": [tiles],
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "vector_layers": held,
    }
    if bounds is not None:
        document["bounds"] = list(bounds)
        document["center"] = [
            (bounds[0] + bounds[2]) / 2,
            (bounds[1] + bounds[3]) / 2,
            min(10, layer.maxzoom),
        ]
    if attribution:
        document["attribution"] = attribution
    return document


def _field(column: Column) -> str:
    unit = f", {column.unit}" if column.unit else ""
    return f"{_TILE_TYPES.get(column.kind, 'String')}: {column.title}{unit}"


def style_layers(layer: Layer) -> list[Json]:
    """The layer's drawings with ids and source layers, the lowest first; whoever uses them adds `source`."""
    drawn = []
    for number, each in enumerate(layer.style, 1):
        on_points = has_points(layer) and each["type"] in {"symbol", "circle"}
        drawn.append(
            {
                "id": f"{layer.id}-{number}-{each['type']}",
                "source-layer": points_of(layer) if on_points else layer.id,
                **each,
            }
        )
    return drawn


def style_document(layers: Sequence[Layer], sources: Sequence[str]) -> Json:
    """A MapLibre style (version 8) of layers over nothing; the browser's own fonts write the names.

    It has no background: in QGIS that would hide every layer below.

    Parameters
    ----------
    layers : sequence of Layer
        The lowest first.
    sources : sequence of str
        The address of each one's TileJSON.
    """
    return {
        "version": 8,
        "name": " · ".join(str(layer.title) for layer in layers),
        "sources": {
            layer.id: {"type": "vector", "url": url} for layer, url in zip(layers, sources, strict=True)
        },
        "layers": [{**each, "source": layer.id} for layer in layers for each in style_layers(layer)],
    }


def legend(layer: Layer) -> list[Json]:
    """The lines of the legend."""
    return [_swatch(each) for each in layer.legend]


def _swatch(swatch: Swatch) -> Json:
    return {
        "label": both(swatch.label),
        "color": swatch.color,
        "shape": swatch.shape,
        "size": swatch.size_px,
        "filter": None if swatch.filter is None else list(swatch.filter),
    }


def describe(layer: Layer) -> Json:
    """What a layer is, without what hangs on its rows."""
    return {
        "id": layer.id,
        "title": both(layer.title),
        "about": both(layer.about),
        "group": layer.group.value,
        "audience": layer.audience.value,
        "geometry": layer.shape.value,
        "columns": [
            {
                "name": column.name,
                "title": both(column.title),
                "type": column.kind.value,
                "unit": column.unit,
                "words": None
                if column.words is None
                else {code: both(words) for code, words in column.words.items()},
            }
            for column in layer.columns
        ],
        "legend": legend(layer),
        "style": style_layers(layer),
        "sort": layer.sort,
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
    }
