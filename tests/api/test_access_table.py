"""Every route answers every kind of asker as the table says, and the table names every route."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.credentials import COOKIE, csrf_token
from gisgrid.accounts.identity import token_hash
from gisgrid.store.database import Database
from tests.api.access_table import ASKERS, CLIENT, TABLE, Row
from tests.city import TOKENS, City, point

ENDED = {
    "ended-session": "s_ended-session",
    "expired-token": "gg_expired",
    "revoked-token": "gg_revoked",
    "unknown-token": "gg_unknown",
}


@pytest.fixture
def asking(app: FastAPI, client: TestClient, database: Database) -> dict[str, TestClient]:
    """A client of each kind."""
    with database.operating() as session:
        account = session.execute(text("SELECT id FROM gisgrid.account WHERE login = 'admin'")).scalar_one()
        for name, ends, revoked in (("expired-token", "-1 day", None), ("revoked-token", "1 day", "now")):
            session.execute(
                text(
                    "INSERT INTO gisgrid.access_token"
                    " (account_id, name, token_hash, scopes, expires_at, revoked_at) VALUES"
                    " (:account, 'old', :hash, '{read,write}', now() + CAST(:ends AS interval),"
                    " CAST(:revoked AS timestamptz))"
                ),
                {"account": account, "hash": token_hash(ENDED[name]), "ends": ends, "revoked": revoked},
            )
        session.execute(
            text(
                "INSERT INTO gisgrid.login_session (token_hash, account_id, expires_at)"
                " VALUES (:hash, :account, now() - interval '1 minute')"
            ),
            {"account": account, "hash": token_hash(ENDED["ended-session"])},
        )
    return {asker: _client(app, TOKENS.get(asker) or ENDED.get(asker)) for asker in ASKERS}


def _client(app: FastAPI, token: str | None) -> TestClient:
    if token is None:
        return TestClient(app)
    if token.startswith("gg_"):
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})
    return TestClient(app, cookies={COOKIE: token}, headers={"X-CSRF-Token": csrf_token(token)})


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.address or row.route}")
def test_each_asker_gets_the_answer_of_the_table(
    row: Row, asking: dict[str, TestClient], city: City, database: Database
) -> None:
    with database.operating() as session:
        gap = session.execute(text("SELECT id FROM gisgrid.finding WHERE kind = 'gap'")).scalar_one()
    place = point(2, 5)
    ids = {
        "plan": city.plan,
        "draft": city.draft,
        "grid": city.grids["T1"],
        "gap": gap,
        "source": city.sources["S1"],
        "lon": place.x,
        "lat": place.y,
    }
    address = (row.address or row.route).format(**ids)
    got = {
        asker: client.request(row.method, address, json=row.body).status_code
        for asker, client in asking.items()
    }
    empty_tiles = {
        asker: 200 if status == 204 and row.method == "GET" else status for asker, status in got.items()
    }
    assert empty_tiles == dict(row.statuses)


def test_no_route_is_missing_from_the_table(app: FastAPI) -> None:
    served = {
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or {"GET"}) - {"HEAD", "OPTIONS"}
        if route.path not in CLIENT
    }
    assert served - {(row.method, row.route) for row in TABLE} == set()


def test_no_row_names_a_route_that_is_gone(app: FastAPI) -> None:
    served = {route.path for route in iter_route_contexts(app.routes)}
    assert {row.route for row in TABLE} - served == set()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.address or row.route}")
def test_every_row_names_every_asker(row: Row) -> None:
    assert set(row.statuses) == set(ASKERS)
