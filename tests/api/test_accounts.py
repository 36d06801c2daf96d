"""Accounts, as administrators manage them."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from gisgrid.store.database import Database
from tests.api.accounts import PASSWORD, log_in, with_password
from tests.api.conftest import Clients


@pytest.fixture
def admin(as_account: Clients) -> TestClient:
    """A client logged in as the administrator."""
    return as_account("admin")


def test_the_list_tells_role_and_place_and_no_hash(admin: TestClient) -> None:
    listed = {each["login"]: each for each in admin.get("/api/accounts").json()}
    assert listed["west"]["jurisdiction"] == {"uid": "WEST", "name": "西县"}
    assert listed["department"]["department"]["code"] == "agriculture"
    assert listed["admin"]["jurisdiction"] is None
    assert "hash" not in str(listed)


def test_a_new_account_logs_in_with_the_password_made_up_for_it(admin: TestClient, app: FastAPI) -> None:
    new = {"login": "zhao", "name": "赵六", "role": "officer", "jurisdiction": "T1"}
    made = admin.post("/api/accounts", json=new)
    assert made.status_code == 201
    client = TestClient(app)
    assert log_in(client, "zhao", made.json()["password"]).status_code == 200
    assert all(each["password"] is None for each in admin.get("/api/accounts").json())


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"login": "west"}, 409),
        ({"login": "No Spaces"}, 422),
        ({"role": "emperor"}, 422),
        ({"jurisdiction": "NOWHERE"}, 422),
        ({"role": "department"}, 422),
        ({"department": "agriculture"}, 422),
        ({"role": "department", "department": "nobody"}, 422),
        ({"password": "short"}, 422),
    ],
)
def test_an_impossible_account_is_refused(admin: TestClient, change: dict[str, str], status: int) -> None:
    answer = admin.post("/api/accounts", json={"login": "zhao", "role": "officer"} | change)
    assert answer.status_code == status
    assert answer.json()["todo"]
    assert "short" not in answer.text


def test_disabling_ends_the_sessions_and_enabling_lets_in_again(
    admin: TestClient, app: FastAPI, database: Database
) -> None:
    with_password(database)
    client = TestClient(app)
    log_in(client)
    assert admin.patch("/api/accounts/lina", json={"disabled": True}).json()["disabled"] is True
    assert client.get("/api/session").json()["user"] is None
    assert log_in(TestClient(app)).status_code == 401
    admin.patch("/api/accounts/lina", json={"disabled": False})
    assert log_in(TestClient(app)).status_code == 200


def test_a_password_set_by_an_administrator_ends_the_sessions(
    admin: TestClient, app: FastAPI, database: Database
) -> None:
    with_password(database)
    client = TestClient(app)
    log_in(client)
    assert admin.patch("/api/accounts/lina", json={"password": "another-good-one-77"}).status_code == 200
    assert client.get("/api/session").json()["user"] is None
    assert log_in(TestClient(app), password=PASSWORD).status_code == 401
    assert log_in(TestClient(app), password="another-good-one-77").status_code == 200
    assert admin.get("/api/session").json()["user"]["login"] == "admin"


def test_nobody_disables_themselves(admin: TestClient) -> None:
    assert admin.patch("/api/accounts/admin", json={"disabled": True}).status_code == 409


def test_an_unknown_account_and_an_empty_change_are_refused(admin: TestClient) -> None:
    assert admin.patch("/api/accounts/nobody", json={"disabled": True}).status_code == 404
    assert admin.patch("/api/accounts/west", json={}).status_code == 422


def test_an_administrator_of_a_county_governs_that_county_only(
    as_account: Clients, database: Database
) -> None:
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.account SET role = 'admin' WHERE login = 'west'"))
    west = as_account("west")
    assert [each["login"] for each in west.get("/api/accounts").json()] == ["west"]
    assert west.patch("/api/accounts/planner", json={"disabled": True}).status_code == 404
    of_city = {"login": "zhao", "role": "admin", "jurisdiction": "CITY"}
    assert west.post("/api/accounts", json=of_city).status_code == 403
    assert west.post("/api/accounts", json=of_city | {"jurisdiction": "T1"}).status_code == 201
