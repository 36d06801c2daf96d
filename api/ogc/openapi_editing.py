"""What OGC API Features Part 4 adds to the OpenAPI document: POST, PUT, PATCH and DELETE on drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from api.ogc.drafts import READ_ONLY
from api.ogc.sent import FEATURE_TYPES, PATCH_TYPES
from gisgrid.crs.served import CRS84, SERVED
from gisgrid.layer import Layer

Json = dict[str, Any]

_DEGREES: Final = [crs.uri for crs in SERVED if crs.is_geographic]


def _header(name: str, about: str, schema: Mapping[str, Any]) -> Json:
    return {"name": name, "in": "header", "required": False, "description": about, "schema": dict(schema)}


EDITING_PARAMETERS: Final[Mapping[str, Json]] = {
    "if-match": _header(
        "If-Match",
        "The ETag of the feature as it was read: the version of the grid that holds it. Without it 428, "
        "unless the token lets the last writer win; `*` says so for this change alone.",
        {"type": "string", "example": '"211122:5"'},
    ),
    "content-crs": _header(
        "Content-Crs",
        "Of the geometry, in the axis order of its authority; degrees only.",
        {"type": "string", "enum": [f"<{uri}>" for uri in _DEGREES], "default": f"<{CRS84.uri}>"},
    ),
    "land": {
        "name": "land",
        "in": "query",
        "required": False,
        "description": "Who has the land of a grid that is taken away: its neighbours, or nobody.",
        "schema": {"type": "string", "enum": ["neighbours", "holder"], "default": "neighbours"},
    },
}
_ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "400": ("badFeature", "A property or header cannot be used."),
    "401": ("badToken", "There is no access token, or it is unknown, has expired or was revoked."),
    "403": ("forbidden", "The token or its account may not change this grid."),
    "404": ("notFound", "There is no such draft or grid, or you may not see it."),
    "409": ("conflict", "Something that is there already stands against it."),
    "412": ("stale", "Somebody else changed grids of the same holder since."),
    "413": ("tooLarge", "The body is too large."),
    "415": ("unsupported", "The body is of another type."),
    "422": ("unprocessable", "The outline cannot be: `detail` says why, `where` gives the place."),
    "428": ("versionNeeded", "If-Match is missing."),
    "503": ("unavailable", "The server is busy."),
}
EDITING_RESPONSES: Final[Mapping[str, Json]] = {
    name: {
        "description": said,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
    }
    for name, said in _ANSWERS.values()
}
_GEOMETRY: Final[Json] = {
    "type": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"type": "string", "enum": ["Polygon", "MultiPolygon"]},
        "coordinates": {"type": "array", "items": {}},
    },
}
_TAG: Final[Json] = {"ETag": {"description": "To change it again.", "schema": {"type": "string"}}}
_PLACE: Final[Json] = {"Location": {"description": "The new feature.", "schema": {"type": "string"}}}


def editing_of_items(layer: Layer, properties: Mapping[str, Json]) -> Json:
    """The operations on the features of a draft."""
    said = "Draw a new grid; its siblings give the land that they have."
    done = {"201": {"description": "Drawn", "headers": {**_PLACE, **_TAG}}}
    body = _body(FEATURE_TYPES, _feature(properties, ["type", "geometry", "properties"], ["name"]))
    return {"post": _operation(layer, "create", said, ("if-match", "content-crs"), done, body)}


def editing_of_item(layer: Layer, fid: Json, properties: Mapping[str, Json]) -> Json:
    """The operations on one feature of a draft."""
    done = {"204": {"description": "Done", "headers": _TAG}}
    whole = _body(FEATURE_TYPES, _feature(properties, ["type", "geometry", "properties"], ["name"]))
    part = _body(PATCH_TYPES, _feature(properties, [], []))
    headers = ("if-match", "content-crs")
    replaced = "Replace a grid: its neighbours give or take the difference; the parent keeps its outline."
    return {
        "put": _operation(layer, "replace", replaced, headers, done, whole, fid),
        "patch": _operation(layer, "update", "Change what is given of a grid.", headers, done, part, fid),
        "delete": _operation(layer, "delete", "Take a grid away.", ("if-match", "land"), done, None, fid),
    }


def _feature(properties: Mapping[str, Json], needed: Iterable[str], properties_needed: Iterable[str]) -> Json:
    written = {name: {**kind, "nullable": True} for name, kind in properties.items() if name not in READ_ONLY}
    content: Json = {"type": "object", "properties": written}
    feature: Json = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": _GEOMETRY,
            "properties": content,
        },
    }
    for schema, names in ((content, properties_needed), (feature, needed)):
        if list(names):
            schema["required"] = list(names)
    return feature


def _body(kinds: Iterable[str], schema: Json) -> Json:
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}


def _operation(
    layer: Layer,
    what: str,
    summary: str,
    parameters: Iterable[str],
    done: Json,
    body: Json | None,
    fid: Json | None = None,
) -> Json:
    named: list[Json] = [{"$ref": f"#/components/parameters/{name}"} for name in parameters]
    operation: Json = {
        "operationId": f"{layer.id.replace('-', '_')}_{what}",
        "summary": summary,
        "parameters": named if fid is None else [fid, *named],
        "responses": {
            **done,
            **{code: {"$ref": f"#/components/responses/{name}"} for code, (name, _) in _ANSWERS.items()},
        },
        "security": [{"bearer": []}, {"basic": []}],
    }
    return operation if body is None else operation | {"requestBody": body}
