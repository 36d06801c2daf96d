"""The documents that say what there is: landing page, conformance, collections, fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.layer_reading import Summary
from api.ogc.drafts import READ_ONLY, draft_of
from api.ogc.links import (
    CONFORMANCE,
    DATA,
    GEOJSON,
    OPENAPI,
    QUERYABLES,
    SCHEMA,
    SCHEMA_REL,
    SORTABLES,
    Addresses,
    Link,
)
from gisgrid.crs.served import CGCS2000, CRS84, SERVED
from gisgrid.layer import Column, Kind, Layer, Shape
from gisgrid.store.layer_rows import ID
from gisgrid.text import Lang, Text

_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features"
CONFORMS_TO: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    f"{_FEATURES}-1/1.0/conf/core",
    f"{_FEATURES}-1/1.0/conf/geojson",
    f"{_FEATURES}-1/1.0/conf/oas30",
    f"{_FEATURES}-2/1.0/conf/crs",
    f"{_FEATURES}-3/1.0/conf/queryables",
    f"{_FEATURES}-3/1.0/conf/queryables-query-parameters",
    f"{_FEATURES}-3/1.0/conf/filter",
    f"{_FEATURES}-3/1.0/conf/features-filter",
    f"{_FEATURES}-4/1.0/conf/create-replace-delete",
    f"{_FEATURES}-4/1.0/conf/update",
    f"{_FEATURES}-4/1.0/conf/features",
    f"{_FEATURES}-4/1.0/conf/optimistic-locking-etags",
    f"{_FEATURES}-5/1.0/conf/schemas",
    f"{_FEATURES}-5/1.0/conf/sorting",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
)
_TITLE: Final = Text(zh="网格化环境监管 OGC API", en="Environmental supervision grids: OGC API")
_ABOUT: Final = Text(
    zh="网格、污染源与覆盖分析图层。坐标默认 CRS84（经度在前）；存储为 CGCS2000。",
    en="Layers of grids, pollution sources and coverage. Coordinates are CRS84 (longitude first) unless "
    "asked otherwise; the store is CGCS2000.",
)
_JSON_TYPES: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.BOOLEAN: {"type": "boolean"},
}
_FORMATS: Final[Mapping[Shape, str]] = {
    Shape.POINT: "geometry-point",
    Shape.LINE: "geometry-linestring-or-multilinestring",
    Shape.POLYGON: "geometry-polygon-or-multipolygon",
}


def landing_page(at: Addresses, lang: Lang) -> dict[str, Any]:
    """Where everything begins."""
    return {
        "title": _TITLE.of(lang),
        "description": _ABOUT.of(lang),
        "links": [
            at.link("self", ""),
            at.link("service-desc", "/api", OPENAPI),
            at.link("conformance", "/conformance"),
            at.link(CONFORMANCE, "/conformance"),
            at.link("data", "/collections"),
            at.link(DATA, "/collections"),
        ],
    }


def collections(at: Addresses, found: list[tuple[Layer, Summary]], lang: Lang) -> dict[str, Any]:
    """All collections that who asks may see."""
    return {
        "links": [at.link("self", "/collections")],
        "crs": [crs.uri for crs in SERVED],
        "collections": [collection(at, layer, summary, lang) for layer, summary in found],
    }


def collection(at: Addresses, layer: Layer, summary: Summary, lang: Lang) -> dict[str, Any]:
    """One collection."""
    path = f"/collections/{layer.id}"
    bounds = summary.bounds or (-180.0, -90.0, 180.0, 90.0)
    return {
        "id": layer.id,
        "title": layer.title.of(lang),
        "description": layer.about.of(lang),
        "itemType": "feature",
        "numberItems": summary.count,
        "extent": {"spatial": {"bbox": [list(bounds)], "crs": CRS84.uri}},
        "crs": [crs.uri for crs in SERVED],
        "storageCrs": CGCS2000.uri,
        "links": _collection_links(at, layer, path, lang),
    }


def _collection_links(at: Addresses, layer: Layer, path: str, lang: Lang) -> list[Link]:
    title = layer.title.of(lang)
    return [
        at.link("self", path, title=title),
        at.link("items", f"{path}/items", GEOJSON, title=title),
        at.link(QUERYABLES, f"{path}/queryables", SCHEMA),
        at.link(SORTABLES, f"{path}/sortables", SCHEMA),
        at.link(SCHEMA_REL, f"{path}/schema", SCHEMA),
    ]


def queryables(at: Addresses, layer: Layer, lang: Lang) -> dict[str, Any]:
    """The fields that filters may name."""
    fields = {column.name: _property(column, lang) for column in (*layer.columns, ID)}
    fields["geometry"] = {"title": _GEOMETRY.of(lang), "format": _format(layer)}
    return _schema(at, layer, "queryables", fields, lang) | {"additionalProperties": False}


def sortables(at: Addresses, layer: Layer, lang: Lang) -> dict[str, Any]:
    """The fields that one may sort by."""
    fields = {column.name: _property(column, lang) for column in (*layer.columns, ID)}
    return _schema(at, layer, "sortables", fields, lang) | {"additionalProperties": False}


def schema(at: Addresses, layer: Layer, lang: Lang) -> dict[str, Any]:
    """What a feature holds."""
    fields = {
        "id": {**_property(ID, lang), "x-ogc-role": "id"},
        "geometry": {
            "title": _GEOMETRY.of(lang),
            "format": _format(layer),
            "x-ogc-role": "primary-geometry",
        },
        **{column.name: _property(column, lang) for column in layer.columns},
    }
    if draft_of(layer.id) is not None:
        for name in ("id", *READ_ONLY):
            fields[name]["readOnly"] = True
    return _schema(at, layer, "schema", fields, lang)


_GEOMETRY: Final = Text(zh="几何", en="Geometry")


def _schema(at: Addresses, layer: Layer, kind: str, fields: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": at.to(f"/collections/{layer.id}/{kind}"),
        "type": "object",
        "title": layer.title.of(lang),
        "description": layer.about.of(lang),
        "properties": dict(fields),
    }


def _format(layer: Layer) -> str:
    return "geometry-any" if layer.mixes_shapes else _FORMATS[layer.shape]


def _property(column: Column, lang: Lang) -> dict[str, Any]:
    found = {"title": column.title.of(lang), **_JSON_TYPES[column.kind]}
    if column.unit:
        found["x-ogc-unit"] = column.unit
    if column.words:
        listed = "; ".join(f"{code}: {word.of(lang)}" for code, word in column.words.items())
        found["description"] = listed
    return found


def json_type(column: Column) -> dict[str, Any]:
    """A column's kind as JSON Schema has it."""
    return dict(_JSON_TYPES[column.kind])
