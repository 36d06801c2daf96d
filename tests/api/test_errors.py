"""Every failure is a clear answer, in the language asked for, that gives nothing away."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from api import dependencies, errors
from api.logs import configure_logs
from gisgrid.errors import InputError
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from gisgrid.text import Text
from tests.api.accounts import ENGLISH


@pytest.fixture
def failing(app: FastAPI) -> FastAPI:
    """The application, with routes that fail in every way."""

    @app.get("/fail/sql")
    def fail_sql(session: dependencies.AnonymousSession) -> None:
        session.execute(text("SELECT nothing_of_that_name FROM gisgrid.plan"))

    @app.get("/fail/slow")
    def fail_slow(database: dependencies.SiteDatabase) -> None:
        with database.anonymous(timeout_s=0.1) as session:
            session.execute(text("SELECT pg_sleep(5)"))

    @app.get("/fail/bug")
    def fail_bug() -> None:
        raise RuntimeError("/srv/secret/path gg_abcdefghijklmnopqrstuvwxyz")

    @app.get("/fail/input")
    def fail_input(lon: float) -> None:
        raise InputError(
            Text(zh="经纬度写反了。", en="Longitude and latitude are swapped."),
            where="lon",
            todo=Text(zh="请交换。", en="Swap them."),
        )

    return app


@pytest.fixture
def clumsy(failing: FastAPI) -> Iterator[TestClient]:
    """A client of it."""
    with TestClient(failing) as client:
        yield client


def test_an_error_says_what_where_and_what_to_do_in_both_languages(clumsy: TestClient) -> None:
    chinese = clumsy.get("/fail/input?lon=1")
    english = clumsy.get("/fail/input?lon=1", headers=ENGLISH)
    assert chinese.status_code == 400
    assert chinese.headers["content-type"] == "application/problem+json"
    assert (chinese.json()["detail"], chinese.json()["todo"]) == ("经纬度写反了。", "请交换。")
    assert english.json()["detail"] == "Longitude and latitude are swapped."
    assert english.json()["where"] == "lon"
    assert english.json()["type"] == "urn:gisgrid:problem:input-error"
    assert english.headers["content-language"] == "en"
    assert english.json()["request_id"] == english.headers["x-request-id"]


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("", "zh"),
        ("en", "en"),
        ("fr", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("zh-CN,en;q=0.8", "zh"),
        ("en;q=x", "zh"),
    ],
)
def test_chinese_is_spoken_unless_english_is_preferred(client: TestClient, accepted: str, lang: str) -> None:
    answer = client.get("/api/nothing", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == lang


def test_a_missing_or_wrong_parameter_is_named_and_not_repeated(clumsy: TestClient) -> None:
    assert clumsy.get("/fail/input", headers=ENGLISH).json()["where"] == "query.lon"
    wrong = clumsy.get("/fail/input?lon=<script>", headers=ENGLISH)
    assert wrong.status_code == 400
    assert wrong.json()["detail"] == "It must be a number."
    assert "script" not in wrong.text


@pytest.mark.parametrize("path", ["/fail/sql", "/fail/bug"])
def test_a_mistake_of_ours_shows_no_sql_path_or_stack(clumsy: TestClient, path: str) -> None:
    answer = clumsy.get(path)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for told in ("SELECT", "secret", "gg_", "Traceback", "RuntimeError", "gisgrid.plan"):
        assert told not in answer.text


def test_the_log_has_the_stack_and_no_secret(clumsy: TestClient) -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    stream = io.StringIO()
    configure_logs(stream)
    try:
        answer = clumsy.get("/fail/bug?q=private", headers={"Authorization": "Bearer gg_short"})
    finally:
        root.handlers[:] = before
    ours = [line for line in stream.getvalue().splitlines() if '"logger": "gisgrid.' in line]
    lines = [json.loads(line) for line in ours]
    failed = next(line for line in lines if line["event"] == "failed")
    request = next(line for line in lines if line["event"] == "request")
    assert "RuntimeError" in failed["exception"]
    assert failed["request_id"] == request["request_id"] == answer.json()["request_id"]
    assert request["route"] == "/fail/bug"
    for secret in ("gg_", "private", "Bearer"):
        assert secret not in "".join(ours)


def test_a_statement_that_takes_too_long_is_503(clumsy: TestClient) -> None:
    answer = clumsy.get("/fail/slow", headers=ENGLISH)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "longer" in answer.json()["detail"]


def test_an_exhausted_pool_is_503(settings: Settings, database: Database, failing: FastAPI) -> None:
    small = Database(database.server, pool_size=1, database=database._name)
    small._app.pool._timeout = 0.2  # type: ignore[attr-defined]
    failing.state.database = small
    try:
        with small.anonymous() as session:
            session.execute(text("SELECT 1"))
            answer = TestClient(failing).get("/readyz", headers=ENGLISH)
        assert answer.status_code == 503
        assert answer.json()["detail"] == "The server is busy: no connection is free."
        assert TestClient(failing).get("/readyz").status_code == 200
    finally:
        small.close()


def test_connections_that_were_cut_are_replaced_at_once(client: TestClient, database: Database) -> None:
    assert client.get("/readyz").status_code == 200
    with database.operating() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        )
    assert client.get("/readyz").status_code == 200


def test_no_address_no_method_no_json(client: TestClient) -> None:
    assert client.get("/api/nothing").status_code == 404
    assert client.put("/healthz").status_code == 405
    broken = client.post("/api/session", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    for answer in (client.get("/api/nothing"), client.put("/healthz"), broken):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["todo"]


def test_every_error_class_has_a_status() -> None:
    for kind in errors.STATUS:
        assert 400 <= errors.STATUS[kind] < 600
