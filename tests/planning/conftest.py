"""The small city of `tests.city`, for use cases that ask who is asking."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gisgrid.store.database import Database
from tests.city import TOKENS, City, build_city


@pytest.fixture
def city(database: Database) -> City:
    """The city, in the test's database; T1 has a planner of its own, "town"."""
    built = build_city(database)
    add_planner(database, "town", "T1")
    return built


def add_planner(database: Database, login: str, jurisdiction: str) -> None:
    """One more planner, logged in with `token_of(login)`."""
    with database.operating() as session:
        session.execute(
            text("""
            WITH made AS (
                INSERT INTO gisgrid.account (login, name, role, jurisdiction, password_hash)
                VALUES (:login, 'x', 'planner', :jurisdiction, '!') RETURNING id)
            INSERT INTO gisgrid.login_session (token_hash, account_id, expires_at)
            SELECT sha256(convert_to(:token, 'UTF8')), id, 'infinity' FROM made"""),
            {"login": login, "jurisdiction": jurisdiction, "token": token_of(login)},
        )


def token_of(login: str) -> str:
    """The session token of an account."""
    return TOKENS.get(login, f"session-of-{login}")
