"""Access tokens: made and shown once, used as Bearer and as a Basic password, revoked."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from gisgrid.accounts import tokens
from gisgrid.accounts.directory import disable, set_password
from gisgrid.accounts.identity import identify, token_hash
from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import TOKENS, City


@pytest.fixture
def officer(as_account: Clients) -> TestClient:
    """A client logged in as the officer."""
    return as_account("officer")


def made(client: TestClient) -> dict[str, object]:
    """A new token."""
    answer: dict[str, object] = client.post("/api/tokens", json={"name": "QGIS", "days": 30}).json()
    return answer


def user(app: FastAPI, token: object, *, basic: bool = False) -> str | int:
    """The login behind a token, or the status of the refusal."""
    if basic:
        answer = TestClient(app).get("/api/session", auth=("anything", str(token)))
    else:
        answer = TestClient(app).get("/api/session", headers={"Authorization": f"Bearer {token}"})
    return str(answer.json()["user"]["login"]) if answer.status_code == 200 else answer.status_code


def test_a_token_is_shown_once_and_kept_hashed(officer: TestClient, database: Database) -> None:
    token = made(officer)
    assert str(token["token"]).startswith("gg_")
    listed = officer.get("/api/tokens").json()
    assert [each["id"] for each in listed] == [token["id"]]
    assert "token" not in listed[0]
    with database.operating() as session:
        kept = session.execute(
            text("SELECT token_hash FROM gisgrid.access_token WHERE name = 'QGIS'")
        ).scalars()
        assert token_hash(str(token["token"])) in {bytes(each) for each in kept}


def test_a_token_works_as_bearer_and_as_the_password_of_basic(app: FastAPI, officer: TestClient) -> None:
    token = made(officer)["token"]
    assert user(app, token) == "officer"
    assert user(app, token, basic=True) == "officer"
    assert officer.get("/api/tokens").json()[0]["last_used_at"] is not None


def test_a_token_gets_no_csrf_token_and_manages_no_tokens(app: FastAPI, officer: TestClient) -> None:
    program = TestClient(app, headers={"Authorization": f"Bearer {made(officer)['token']}"})
    assert program.get("/api/session").json()["csrf"] is None
    assert program.get("/api/tokens").status_code == 403
    assert program.post("/api/tokens", json={"name": "x"}).status_code == 403


def test_a_revoked_token_ends_at_once(app: FastAPI, officer: TestClient) -> None:
    token = made(officer)
    assert officer.delete(f"/api/tokens/{token['id']}").status_code == 204
    assert user(app, token["token"]) == 401
    assert officer.get("/api/tokens").json()[0]["revoked_at"] is not None


def test_an_expired_token_is_refused(app: FastAPI, officer: TestClient, database: Database) -> None:
    token = made(officer)
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.access_token SET expires_at = now()"))
    assert user(app, token["token"]) == 401


def test_disabling_an_account_ends_its_tokens(app: FastAPI, officer: TestClient, database: Database) -> None:
    token = made(officer)["token"]
    with database.operating() as session:
        disable(session, "officer")
    assert user(app, token) == 401


def test_a_new_password_ends_the_tokens(app: FastAPI, officer: TestClient, database: Database) -> None:
    token = made(officer)["token"]
    with database.operating() as session:
        set_password(session, "officer", "another-good-one-77")
    assert user(app, token) == 401


def test_a_token_of_another_is_not_there(officer: TestClient, as_account: Clients) -> None:
    token = made(officer)
    assert as_account("admin").delete(f"/api/tokens/{token['id']}").status_code == 404
    assert officer.get("/api/tokens").json()[0]["revoked_at"] is None


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": ""},
        {"name": "x", "days": 0},
        {"name": "x", "days": 9999},
        {"name": "x", "scopes": ["admin"]},
        {"name": "x", "scopes": ["last-writer-wins"]},
        {},
    ],
)
def test_an_impossible_token_is_refused(officer: TestClient, wanted: dict[str, object]) -> None:
    assert officer.post("/api/tokens", json=wanted).status_code == 422


def test_a_token_may_be_made_for_programs_that_name_no_version(as_account: Clients) -> None:
    planner = as_account("planner")
    scopes = ["write", "last-writer-wins"]
    made = planner.post("/api/tokens", json={"name": "QGIS", "scopes": scopes})
    assert made.json()["scopes"] == ["last-writer-wins", "read", "write"]


def test_a_session_never_lets_the_last_writer_win(
    as_account: Clients, database: Database, city: City
) -> None:
    planner = as_account("planner")
    planner.post("/api/tokens", json={"name": "QGIS", "scopes": ["write", "last-writer-wins"]})
    asker = identify(database, TOKENS["planner"])
    assert asker is not None
    assert not asker.last_writer_wins
    rename = {"operation": "attributes", "grid": "T1", "changes": {"name": "x"}}
    for headers in ({}, {"If-Match": "*"}):
        answer = planner.post(f"/api/plans/{city.draft}/edits", json=rename, headers=headers)
        assert answer.status_code == 428


def test_a_token_that_has_ended_lets_nobody_win(app: FastAPI, as_account: Clients, city: City) -> None:
    planner = as_account("planner")
    made = planner.post("/api/tokens", json={"name": "QGIS", "scopes": ["write", "last-writer-wins"]}).json()
    rename = {"operation": "attributes", "grid": "T1", "changes": {"name": "x"}}
    qgis = TestClient(app, headers={"Authorization": f"Bearer {made['token']}"})
    assert qgis.post(f"/api/plans/{city.draft}/edits", json=rename).status_code == 201
    planner.delete(f"/api/tokens/{made['id']}")
    assert qgis.post(f"/api/plans/{city.draft}/edits", json=rename).status_code == 401


def test_an_account_has_so_many_tokens_and_no_more(
    officer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 2)
    assert [officer.post("/api/tokens", json={"name": "x"}).status_code for _ in range(3)] == [201, 201, 409]
