"""The addresses of the OGC API."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from api.caching import freshness, is_fresh, make_etag, not_modified
from api.dependencies import Given, Identity, Lang, SiteDatabase
from api.layer_reading import BaseUrl, PlanNumber, Reading, Summary, readings, visible_layers
from api.ogc import documents, items
from api.ogc.collections import OneCollection, draft_readings
from api.ogc.drafts import draft_of, etag_of
from api.ogc.links import GEOJSON, OPENAPI, SCHEMA, Addresses
from api.ogc.openapi import openapi_document
from api.ogc.parameters import COMMON, given, read_item, read_page
from gisgrid.layer import Layer
from gisgrid.text import Lang as Language

router = APIRouter(prefix="/ogc", include_in_schema=False)
METHODS: Final = ["GET", "HEAD"]


@router.api_route("", methods=METHODS)
@router.api_route("/", methods=METHODS)
def show_landing_page(request: Request, base: BaseUrl, lang: Lang, plan: PlanNumber = None) -> Response:
    """Where everything begins."""
    given(request.query_params, COMMON)
    return _said(request, documents.landing_page(_addresses(base, plan), lang), lang)


@router.api_route("/conformance", methods=METHODS)
def show_conformance(request: Request, lang: Lang) -> Response:
    """The parts of the standards that hold here."""
    given(request.query_params, COMMON)
    return _said(request, {"conformsTo": list(documents.CONFORMS_TO)}, lang)


@router.api_route("/api", methods=METHODS)
def describe_api(
    request: Request,
    identity: Identity,
    given_token: Given,
    database: SiteDatabase,
    base: BaseUrl,
    lang: Lang,
) -> Response:
    """The API in OpenAPI 3.0, for the layers and drafts that who asks may see."""
    given(request.query_params, COMMON)
    token = None if given_token is None else given_token.token
    with closing(draft_readings(identity, token, database)) as drafts:
        layers = [*visible_layers(identity), *(reading.layer for reading in drafts)]
    content = openapi_document(f"{base}/ogc", layers, lang)
    return _said(request, content, lang, media_type=OPENAPI, private=identity is not None)


@router.api_route("/collections", methods=METHODS)
def list_collections(
    request: Request,
    identity: Identity,
    given_token: Given,
    database: SiteDatabase,
    base: BaseUrl,
    lang: Lang,
    plan: PlanNumber = None,
) -> Response:
    """The collections that who asks may see."""
    given(request.query_params, COMMON)
    token = None if given_token is None else given_token.token
    with closing(readings(visible_layers(identity), plan, identity, token, database)) as opened:
        found = [(reading.layer, reading.summary(reading.version)) for reading in opened]
    with closing(draft_readings(identity, token, database)) as drafts:
        found += [(reading.layer, reading.summary(reading.version)) for reading in drafts]
    content = documents.collections(_addresses(base, plan), found, lang)
    return _said(request, content, lang, private=identity is not None)


@router.api_route("/collections/{layer_id}", methods=METHODS)
def show_collection(request: Request, reading: OneCollection, base: BaseUrl, lang: Lang) -> Response:
    """One collection."""
    given(request.query_params, COMMON)
    at = _addresses(base, reading.stated_plan)
    summary: Summary = reading.summary(reading.version)
    content = documents.collection(at, reading.layer, summary, lang)
    return _said(request, content, lang, private=reading.is_private)


def _fields(
    request: Request,
    reading: Reading,
    base: str,
    lang: Language,
    document: Callable[[Addresses, Layer, Language], dict[str, Any]],
) -> Response:
    given(request.query_params, COMMON)
    content = document(_addresses(base, reading.stated_plan), reading.layer, lang)
    return _said(request, content, lang, media_type=SCHEMA, private=reading.is_private)


@router.api_route("/collections/{layer_id}/queryables", methods=METHODS)
def list_queryables(request: Request, reading: OneCollection, base: BaseUrl, lang: Lang) -> Response:
    """The fields that filters may name."""
    return _fields(request, reading, base, lang, documents.queryables)


@router.api_route("/collections/{layer_id}/sortables", methods=METHODS)
def list_sortables(request: Request, reading: OneCollection, base: BaseUrl, lang: Lang) -> Response:
    """The fields that one may sort by."""
    return _fields(request, reading, base, lang, documents.sortables)


@router.api_route("/collections/{layer_id}/schema", methods=METHODS)
def show_schema(request: Request, reading: OneCollection, base: BaseUrl, lang: Lang) -> Response:
    """What a feature holds."""
    return _fields(request, reading, base, lang, documents.schema)


@router.api_route("/collections/{layer_id}/items", methods=METHODS)
def list_items(request: Request, reading: OneCollection, base: BaseUrl) -> Response:
    """A page of features."""
    page = read_page(request.query_params, reading.layer)
    at = _addresses(base, reading.stated_plan)
    version = reading.version
    etag = make_etag(version, "items", base, request.url.query)
    if is_fresh(request, etag):
        return not_modified(etag, private=reading.is_private)
    headers = freshness(etag, private=reading.is_private)
    headers["Content-Crs"] = f"<{page.crs.uri}>"
    headers["Link"] = at.link_header(reading.layer.id, GEOJSON)
    content = items.feature_collection(reading, page, at, request.query_params, version)
    return Response(content, media_type=GEOJSON, headers=headers)


@router.api_route("/collections/{layer_id}/items/{fid}", methods=METHODS)
def show_item(request: Request, reading: OneCollection, fid: str, base: BaseUrl) -> Response:
    """One feature."""
    columns, crs = read_item(request.query_params, reading.layer)
    draft = draft_of(reading.layer.id)
    etag = make_etag(reading.version, "item", fid, base, request.url.query)
    if draft is None and is_fresh(request, etag):
        return not_modified(etag, private=reading.is_private)
    at = _addresses(base, reading.stated_plan)
    content = items.feature(reading, fid, columns, crs, at, request.query_params)
    if draft is not None:  # the version that a change must name; it tells nothing about this answer's bytes
        etag = etag_of(reading.session, draft, int(fid)) or etag
    headers = {**freshness(etag, private=reading.is_private), "Content-Crs": f"<{crs.uri}>"}
    return Response(content, media_type=GEOJSON, headers=headers)


def _addresses(base: str, plan: int | None) -> Addresses:
    return Addresses(f"{base}/ogc", plan)


def _said(
    request: Request,
    content: dict[str, Any],
    lang: Language,
    *,
    media_type: str = "application/json",
    private: bool = False,
) -> Response:
    """A document, or that it has not changed."""
    answer = JSONResponse(content, media_type=media_type)
    etag = make_etag("", bytes(answer.body), media_type)
    if is_fresh(request, etag):
        return not_modified(etag, private=private)
    answer.headers.update({**freshness(etag, private=private), "Content-Language": lang.value})
    return answer
