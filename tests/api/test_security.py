"""Headers, forgery, sizes: what a browser and its tricksters may do."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import MAX_BODY_BYTES, create_app
from api.credentials import COOKIE, csrf_token
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import TOKENS, City

ADMIN = TOKENS["admin"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/nothing", "/api/session", "/api/tokens"])
def test_every_answer_keeps_browsers_in_bounds(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "geolocation=(self)" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
    assert "server" not in headers


def test_https_is_demanded_only_where_it_is_spoken(
    settings: Settings, database: Database, city: City
) -> None:
    app = create_app(settings.model_copy(update={"public_url": "https://grid.example"}), database)
    assert "strict-transport-security" in TestClient(app).get("/healthz").headers


def make_token(client: TestClient, **headers: str) -> int:
    """Try to change something."""
    return client.post("/api/tokens", json={"name": "x"}, headers=headers).status_code


def test_a_cookie_alone_changes_nothing(app: FastAPI, client: TestClient) -> None:
    cookie_alone = TestClient(app, cookies={COOKIE: ADMIN})
    assert make_token(cookie_alone) == 403
    assert make_token(cookie_alone, **{"X-CSRF-Token": csrf_token("another session")}) == 403
    assert make_token(cookie_alone, **{"X-CSRF-Token": csrf_token(ADMIN)}) == 201


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_requests_from_other_sites_change_nothing(
    as_account: Clients, client: TestClient, header: dict[str, str]
) -> None:
    assert make_token(as_account("admin"), **header) == 403
    login = client.post("/api/session", json={"login": "a", "password": "b"}, headers=header)
    assert login.status_code == 403


def test_the_page_itself_may(as_account: Clients) -> None:
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert make_token(as_account("admin"), **own) == 201


def test_no_cookie_authorises_a_change_under_ogc(as_account: Clients) -> None:
    assert as_account("admin").post("/ogc/collections/grids/items", json={}).status_code == 403


def test_a_session_is_no_access_token_and_the_other_way_round(app: FastAPI, client: TestClient) -> None:
    assert (
        TestClient(app, headers={"Authorization": f"Bearer {ADMIN}"}).get("/api/session").status_code == 401
    )
    swapped = TestClient(app, cookies={COOKIE: TOKENS["token"]})
    assert swapped.get("/api/session").json()["user"] is None


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic !!", "Basic " + "A" * 5000, "Digest x", "Bearer gg_é"]
)
def test_a_broken_authorization_is_refused(app: FastAPI, client: TestClient, header: str) -> None:
    sent = {"Authorization": header.encode()}
    answer = TestClient(app).get("/api/session", headers=sent)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_beyond_the_limit_is_refused(live_site: str) -> None:
    for content in (b"x" * (MAX_BODY_BYTES + 1), iter([b"x" * 65536] * 20)):
        answer = httpx.post(f"{live_site}/api/session", content=content, headers={"Accept-Language": "en"})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == "The body of the request is too large."


def test_only_a_trusted_proxy_says_who_asks(settings: Settings, database: Database, city: City) -> None:
    trusting = create_app(settings.model_copy(update={"trusted_proxy": "10.0.0.1"}), database)

    def https_of(address: str) -> bool:
        client = TestClient(trusting, client=(address, 1))
        answer = client.get("/healthz", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"})
        return "strict-transport-security" in answer.headers

    assert https_of("10.0.0.1")
    assert not https_of("10.0.0.2")


def test_figures_are_for_this_machine_and_administrators(app: FastAPI, as_account: Clients) -> None:
    here = TestClient(app, client=("127.0.0.1", 1))
    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 403
    assert TestClient(app, client=("203.0.113.9", 1)).get("/metrics").status_code == 403


@pytest.mark.parametrize("field", ["name", "jurisdiction", "department"])
def test_text_that_the_database_cannot_hold_is_the_askers_mistake(as_account: Clients, field: str) -> None:
    wanted = {"login": "zhao", "role": "department" if field == "department" else "officer", field: "a\x00b"}
    assert as_account("admin").post("/api/accounts", json=wanted).status_code == 400
    assert as_account("admin").post("/api/tokens", json={"name": "a\x00b"}).status_code == 400


def test_an_authorization_header_does_not_spare_the_cookie_its_csrf_token(client: TestClient) -> None:
    client.cookies.set(COOKIE, ADMIN)
    for value in ("", "Basic x", "Bearer gg_unknown"):
        client.delete("/api/session", headers={"Authorization": value})
        assert client.get("/api/session").json()["user"]["login"] == "admin"


def test_clients_cannot_make_new_figures(app: FastAPI) -> None:
    here = TestClient(app, client=("127.0.0.1", 1))
    for n in range(20):
        here.get(f"/no-such-page-{n}?token=gg_secret")
        here.request(f"VERB{n}", "/healthz")
    figures = here.get("/metrics").text
    assert 'method="other"' in figures
    for leaked in ("no-such-page", "VERB", "gg_secret"):
        assert leaked not in figures
