"""The catalogue of layers."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from api.caching import freshness, is_fresh, make_etag, not_modified
from api.dependencies import Given, Identity, SiteDatabase
from api.layer_reading import PlanNumber, Reading, readings, visible_layers
from gisgrid.publication.mapstyle import describe

router = APIRouter(tags=["layers"])


@router.get("/api/layers")
def list_layers(
    request: Request, identity: Identity, given: Given, database: SiteDatabase, plan: PlanNumber = None
) -> Response:
    """The layers that who asks may see: what they are, how they look, how many rows, where."""
    token = None if given is None else given.token
    with closing(readings(visible_layers(identity), plan, identity, token, database)) as opened:
        found = [(reading, version := reading.version, reading.summary(version)) for reading in opened]
    is_private = identity is not None
    etag = make_etag("layers", *(version for _, version, _ in found))
    if is_fresh(request, etag):
        return not_modified(etag, private=is_private)
    catalogue = [
        _entry(reading, version, summary.count, summary.bounds) for reading, version, summary in found
    ]
    return JSONResponse(catalogue, headers=freshness(etag, private=is_private))


def _entry(reading: Reading, version: str, count: int, bounds: tuple[float, ...] | None) -> dict[str, Any]:
    layer = reading.layer
    asked = f"?plan={reading.stated_plan}" if reading.stated_plan else ""
    return {
        **describe(layer),
        "count": count,
        "bounds": None if bounds is None else list(bounds),
        "tiles": reading.address("", f"/tiles/{layer.id}.json", version),
        "items": f"/ogc/collections/{layer.id}/items{asked}",
    }
