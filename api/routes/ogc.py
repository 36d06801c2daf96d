"""The OGC API; see `api.ogc`."""

from api.ogc.routes import router

__all__ = ["router"]
