"""Accounts with passwords, for the tests of logging in."""

from __future__ import annotations

from fastapi.testclient import TestClient
from httpx2 import Response

from gisgrid.accounts.directory import NewAccount, add_account
from gisgrid.model import AccountRole
from gisgrid.store.database import Database

PASSWORD = "heron-lamp-42-rice"
ENGLISH = {"Accept-Language": "en"}


def with_password(database: Database, login: str = "lina", role: AccountRole = AccountRole.ANALYST) -> str:
    """Make an account with `PASSWORD`; its login."""
    with database.operating() as session:
        add_account(session, NewAccount(login, "李娜", role, jurisdiction="CITY", password=PASSWORD))
    return login


def log_in(client: TestClient, login: str = "lina", password: str = PASSWORD) -> Response:
    """Log in, and send the CSRF token from then on."""
    response: Response = client.post("/api/session", json={"login": login, "password": password})
    if response.status_code == 200:
        client.headers["X-CSRF-Token"] = response.json()["csrf"]
    return response
