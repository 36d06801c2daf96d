"""The site over a small city: in this process, and as a server that other programs can reach."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.credentials import COOKIE, csrf_token
from gisgrid.commands.serve import listen
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from tests.city import TOKENS, City, build_city

Clients = Callable[..., TestClient]


@pytest.fixture(scope="session", autouse=True)
def plain_log() -> None:
    """Stacks as plain text: structlog's own coloured ones, with all locals, take seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Nothing but the defaults, whatever the environment says."""
    return Settings.model_construct(**{"data_dir": tmp_path, **_defaults()})


def _defaults() -> dict[str, object]:
    return {
        name: field.get_default()
        for name, field in Settings.model_fields.items()
        if field.default_factory is None
    }


@pytest.fixture
def city(database: Database) -> City:
    """The small city of `tests.city`, in the test's database."""
    return build_city(database)


@pytest.fixture
def app(settings: Settings, database: Database, city: City) -> FastAPI:
    """The application over the city."""
    return create_app(settings, database)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A visitor."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def as_account(app: FastAPI, client: TestClient) -> Clients:
    """`as_account("planner")` is a client of that account, `as_account("token")` one with an access token."""

    def logged_in(login: str) -> TestClient:
        token = TOKENS[login]
        if token.startswith("gg_"):
            return TestClient(app, headers={"Authorization": f"Bearer {token}"})
        headers = {"X-CSRF-Token": csrf_token(token)}
        return TestClient(app, cookies={COOKIE: token}, headers=headers)

    return logged_in


@pytest.fixture
def live_site(app: FastAPI) -> Iterator[str]:
    """The address of the site on a free port, for clients in other processes."""
    with serving(app) as address:
        yield address


class serving:
    """An application served on a free port, in a thread."""

    def __init__(self, app: FastAPI) -> None:
        self._listener = listen("127.0.0.1", 0)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    def __enter__(self) -> str:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert self._thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._listener.close()
