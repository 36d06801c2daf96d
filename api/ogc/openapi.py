"""The OGC API in OpenAPI 3.0, which its clients read; FastAPI writes 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import gisgrid
from api.ogc.documents import json_type
from api.ogc.drafts import draft_of
from api.ogc.links import GEOJSON, OPENAPI, SCHEMA
from api.ogc.openapi_editing import (
    EDITING_PARAMETERS,
    EDITING_RESPONSES,
    editing_of_item,
    editing_of_items,
)
from api.ogc.parameters import DEFAULT_LIMIT, ITEMS, MAX_LIMIT, MAX_OFFSET
from gisgrid.cql.limits import MAX_CHARACTERS
from gisgrid.crs.served import CRS84, SERVED
from gisgrid.layer import Layer
from gisgrid.store.layer_rows import ID
from gisgrid.text import Lang

Json = dict[str, Any]

_URIS: Final = [crs.uri for crs in SERVED]
_NUMBERS: Final[Json] = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}


def _parameter(name: str, schema: Mapping[str, Any], about: str) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": about,
        "schema": dict(schema),
        "style": "form",
        "explode": False,
    }


_PARAMETERS: Final[Mapping[str, Json]] = {
    "f": _parameter("f", {"type": "string", "enum": ["json"]}, "Only JSON is offered."),
    "plan": _parameter(
        "plan", {"type": "integer", "minimum": 1, "maximum": 2**62}, "The plan; by default the one in force."
    ),
    "limit": _parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        "At most so many features; a page may end earlier if it grows too large.",
    ),
    "offset": _parameter(
        "offset", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}, "Skip so many."
    ),
    "bbox": _parameter("bbox", _NUMBERS, "Features that meet this box; heights are not looked at."),
    "bbox-crs": _parameter("bbox-crs", {"type": "string", "enum": _URIS, "default": CRS84.uri}, "Of bbox."),
    "crs": _parameter("crs", {"type": "string", "enum": _URIS, "default": CRS84.uri}, "Of the answer."),
    "datetime": _parameter(
        "datetime", {"type": "string"}, "A date or an interval; features without a time are always of it."
    ),
    "filter": _parameter("filter", {"type": "string", "maxLength": MAX_CHARACTERS}, "A filter in CQL2."),
    "filter-lang": _parameter(
        "filter-lang",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
        "How the filter is written.",
    ),
    "filter-crs": _parameter(
        "filter-crs", {"type": "string", "enum": _URIS, "default": CRS84.uri}, "Of geometries in the filter."
    ),
    "sortby": _parameter(
        "sortby",
        {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^[+-]?[a-z][a-z0-9_]*$"}},
        "Fields, with - in front for descending.",
    ),
    "properties": _parameter(
        "properties", {"type": "array", "minItems": 1, "items": {"type": "string"}}, "Fields to be given."
    ),
}
_COMMON: Final = ("f", "plan")
_ITEM: Final = (*_COMMON, "crs", "properties")
_ITEMS: Final = tuple(name for name in _PARAMETERS if name in ITEMS)


def openapi_document(root: str, layers: list[Layer], lang: Lang) -> Json:
    """The API for these layers.

    Parameters
    ----------
    root : str
        The address of the landing page.
    """
    paths: Json = {
        "/": {"get": _get("landingPage", "Landing page", _COMMON)},
        "/conformance": {"get": _get("conformance", "Conformance", _COMMON)},
        "/api": {"get": _get("api", "This document", _COMMON, media=OPENAPI)},
        "/collections": {"get": _get("collections", "Collections", _COMMON)},
    }
    for layer in layers:
        paths.update(_layer_paths(layer, lang))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "gisgrid OGC API",
            "version": gisgrid.__version__,
            "description": "OGC API Features over the layers of an environmental-supervision grid, "
            "and over its drafts, which may be changed with an access token.",
        },
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "parameters": {**_PARAMETERS, **EDITING_PARAMETERS},
            "responses": {**EDITING_RESPONSES, **_RESPONSES},
            "schemas": dict(_SCHEMAS),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An access token."},
                "basic": {"type": "http", "scheme": "basic", "description": "An access token as password."},
            },
        },
        "security": [{}, {"bearer": []}, {"basic": []}],
    }


def _layer_paths(layer: Layer, lang: Lang) -> Json:
    path, name, title = f"/collections/{layer.id}", layer.id.replace("-", "_"), layer.title.of(lang)
    own = [
        _parameter(column.name, json_type(column), column.title.of(lang))
        for column in (*layer.columns, ID)
        if column.name not in ITEMS
    ]
    fid = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    }
    of_features, of_feature = (
        _get(f"{name}_items", title, _ITEMS, media=GEOJSON, schema="featureCollection"),
        _get(f"{name}_item", title, _ITEM, media=GEOJSON, schema="feature"),
    )
    of_features["parameters"] += own
    of_feature["parameters"].insert(0, fid)
    changing: Json = {}
    changing_one: Json = {}
    if draft_of(layer.id) is not None:
        properties = {column.name: json_type(column) for column in layer.columns}
        changing = editing_of_items(layer, properties)
        changing_one = editing_of_item(layer, fid, properties)
    return {
        path: {"get": _get(name, title, _COMMON)},
        **{
            f"{path}/{kind}": {"get": _get(f"{name}_{kind}", title, _COMMON, media=SCHEMA)}
            for kind in ("queryables", "sortables", "schema")
        },
        f"{path}/items": {"get": of_features, **changing},
        f"{path}/items/{{featureId}}": {"get": of_feature, **changing_one},
    }


def _get(
    operation: str,
    summary: str,
    parameters: tuple[str, ...],
    *,
    media: str = "application/json",
    schema: str = "any",
) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in parameters],
        "responses": {
            "200": {
                "description": "OK",
                "content": {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
            },
            "304": {"description": "What you have still holds (If-None-Match)."},
            **{code: {"$ref": f"#/components/responses/{name}"} for code, name in _CODES.items()},
        },
    }


_CODES: Final = {"400": "badRequest", "401": "badToken", "404": "notFound", "503": "unavailable"}
_RESPONSES: Final[Mapping[str, Json]] = {
    name: {
        "description": said,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
    }
    for name, said in (
        ("badRequest", "A parameter is unknown or cannot be used."),
        ("badToken", "The access token is unknown, has expired or was revoked."),
        ("notFound", "There is no such thing, or you may not see it."),
        ("unavailable", "The query took too long, or the database is away."),
    )
}
_SCHEMAS: Final[Mapping[str, Json]] = {
    "any": {"type": "object"},
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "where": {"type": "string"},
            "todo": {"type": "string"},
        },
    },
    "feature": {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "integer"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object"},
            "links": {"type": "array", "items": {"type": "object"}},
        },
    },
    "featureCollection": {
        "type": "object",
        "required": ["type", "features", "numberReturned", "links"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
            "links": {"type": "array", "items": {"type": "object"}},
        },
    },
}
