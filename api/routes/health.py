"""Whether the site lives, is ready, and how it fares."""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import text
from starlette.requests import Request

from api.dependencies import Identity, SiteDatabase, not_allowed
from api.metrics import Metrics
from gisgrid.model import AccountRole

router = APIRouter(tags=["health"])

READY_S = 2.0


@router.get("/healthz")
async def is_alive() -> dict[str, str]:
    """Whether the process answers at all; asks nothing of the database."""
    return {"status": "ok"}


@router.get("/readyz")
def is_ready(database: SiteDatabase) -> dict[str, str]:
    """Whether requests can be answered; 503 while the database is away."""
    with database.anonymous(timeout_s=READY_S) as session:
        session.execute(text("SELECT count(*) FROM gisgrid.data_version"))
    return {"status": "ok"}


@router.get("/metrics")
def show_metrics(request: Request, identity: Identity) -> Response:
    """Figures for Prometheus, on this machine or for an administrator."""
    is_admin = identity is not None and identity.role is AccountRole.ADMIN
    if not (is_admin or _is_local(request)):
        raise not_allowed()
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_local(request: Request) -> bool:
    """Asked by a program on this machine, and not through a proxy on it."""
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via")):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
