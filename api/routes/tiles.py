"""Vector tiles, TileJSON and MapLibre styles of the layers."""

from __future__ import annotations

import gzip
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from api.caching import is_fresh, make_etag
from api.layer_reading import BaseUrl, OneLayer, Reading
from gisgrid.publication.mapstyle import style_document, tilejson
from gisgrid.store.tiles import Tile, read_tile

router = APIRouter(tags=["tiles"])

MVT: Final = "application/vnd.mapbox-vector-tile"
DAY_S: Final = 86_400
_WORTH_PACKING: Final = 256

Version = Annotated[str | None, Query(alias="v", max_length=64, description="数据版本。 The data's version.")]


@router.get("/tiles/{layer_id}.json")
def describe_tiles(request: Request, reading: OneLayer, base: BaseUrl) -> Response:
    """The layer as TileJSON 3."""
    version = reading.version
    etag = make_etag(version, "tilejson", base)
    headers = _headers(reading, etag, kept_s=0)
    if is_fresh(request, etag):
        return Response(status_code=304, headers=headers)
    tiles = reading.address(base, f"/tiles/{reading.layer.id}/{{z}}/{{x}}/{{y}}.mvt", version)
    return JSONResponse(tilejson(reading.layer, tiles, reading.summary(version).bounds), headers=headers)


@router.get("/styles/{layer_id}.json")
def describe_style(request: Request, reading: OneLayer, base: BaseUrl) -> Response:
    """The layer as a MapLibre style of its own."""
    version = reading.version
    etag = make_etag(version, "style", base)
    headers = _headers(reading, etag, kept_s=0)
    if is_fresh(request, etag):
        return Response(status_code=304, headers=headers)
    source = reading.address(base, f"/tiles/{reading.layer.id}.json", version)
    return JSONResponse(style_document([reading.layer], [source]), headers=headers)


@router.get("/tiles/{layer_id}/{z}/{x}/{y}.mvt")
def draw_tile(
    request: Request, reading: OneLayer, z: int, x: int, y: int, stated_version: Version = None
) -> Response:
    """One vector tile; 204 where it would be empty.

    An address that names the current version may be kept for a day without asking again;
    what is behind a login never is, since the next person at the machine may be another.
    """
    tile = Tile(z, x, y)
    version = reading.version
    packs = "gzip" in request.headers.get("accept-encoding", "")
    etag = make_etag(version, tile, packs)
    headers = _headers(
        reading, etag, kept_s=DAY_S if stated_version == version and not reading.is_private else 0
    )
    if is_fresh(request, etag):
        return Response(status_code=304, headers=headers)
    content = read_tile(reading.session, reading.layer, reading.plan, tile)
    if not content:
        return Response(status_code=204, headers=headers)
    if packs and len(content) >= _WORTH_PACKING:
        content = gzip.compress(content, compresslevel=5)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=MVT, headers=headers)


def _headers(reading: Reading, etag: str, *, kept_s: int) -> dict[str, Any]:
    audience = "private" if reading.is_private else "public"
    age = f"max-age={kept_s}, immutable" if kept_s else "max-age=0, must-revalidate"
    varies = "Accept-Encoding, Authorization, Cookie" if reading.is_private else "Accept-Encoding"
    return {"ETag": etag, "Cache-Control": f"{audience}, {age}", "Vary": varies}
