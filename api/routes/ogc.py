"""The OGC API; see `api.ogc`."""

from fastapi import APIRouter

from api.ogc import editing, routes

router = APIRouter()
router.include_router(routes.router)
router.include_router(editing.router)

__all__ = ["router"]
