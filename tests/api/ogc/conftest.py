"""One city for all tests that only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from gisgrid.store.server import Server
from tests.api.conftest import serving
from tests.city import TOKENS, City, build_city
from tests.conftest import own_database

Accounts = Callable[[str], TestClient]


@pytest.fixture(scope="session")
def read_database(server: Server) -> Iterator[Database]:
    """The small city; nobody changes it."""
    with own_database(server) as database:
        yield database


@pytest.fixture(scope="session")
def read_city(read_database: Database) -> City:
    """Its ids."""
    return build_city(read_database)


@pytest.fixture(scope="session")
def read_app(read_database: Database, read_city: City) -> FastAPI:
    """The application over it."""
    return create_app(Settings.model_construct(**_defaults()), read_database)


def _defaults() -> dict[str, object]:
    return {
        name: field.get_default()
        for name, field in Settings.model_fields.items()
        if field.default_factory is None
    }


@pytest.fixture(scope="session")
def visitor(read_app: FastAPI) -> TestClient:
    """A visitor who only reads."""
    return TestClient(read_app, headers={"Accept-Language": "en"})


@pytest.fixture(scope="session")
def bearer(read_app: FastAPI) -> Accounts:
    """`bearer("token")` is a client with the analyst's access token."""
    return lambda login: TestClient(read_app, headers={"Authorization": f"Bearer {TOKENS[login]}"})


@pytest.fixture(scope="session")
def address(read_app: FastAPI) -> Iterator[str]:
    """The address of the site, for clients in other processes."""
    with serving(read_app) as found:
        yield found
