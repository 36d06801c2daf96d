"""Tiles of the base map, from this origin: the key stays on the server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from api.basemaps import LIMITS, TIMEOUT, Template, base_map, fetch_tile
from api.dependencies import SiteSettings

_WEEK_S: Final = 604_800


@asynccontextmanager
async def _fetching(app: FastAPI) -> AsyncIterator[None]:
    """Connections to the tile server, kept while the site runs."""
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        app.state.basemap_client = client
        yield


router = APIRouter(tags=["basemap"], lifespan=_fetching)


@router.get("/basemap/{z}/{x}/{y}", response_class=Response)
async def show_tile(request: Request, settings: SiteSettings, z: int, x: int, y: int) -> Response:
    """One tile of the base map; 404 without one."""
    chosen = base_map(settings)
    return await _tile(request, chosen.tiles if chosen else None, z, x, y)


@router.get("/basemap/labels/{z}/{x}/{y}", response_class=Response)
async def show_labels(request: Request, settings: SiteSettings, z: int, x: int, y: int) -> Response:
    """One tile of its place names, where they come apart."""
    chosen = base_map(settings)
    return await _tile(request, chosen.labels if chosen else None, z, x, y)


async def _tile(request: Request, template: Template | None, z: int, x: int, y: int) -> Response:
    client: httpx.AsyncClient = request.app.state.basemap_client
    image = await fetch_tile(client, template, z, x, y)
    headers = {"Cache-Control": f"public, max-age={_WEEK_S}"}
    return Response(image.content, media_type=image.media_type, headers=headers)
