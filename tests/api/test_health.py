"""The site lives, is ready, and tells how it fares to those who may know."""

from __future__ import annotations

import httpx
from fastapi.testclient import TestClient


def test_the_site_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}


def test_other_programs_reach_the_live_site(live_site: str) -> None:
    assert httpx.get(f"{live_site}/readyz").status_code == 200
