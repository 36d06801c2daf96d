"""Logging in and out, and what ends a session."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from api import throttle
from api.credentials import COOKIE
from api.routes import session as session_routes
from gisgrid.accounts.directory import disable, enable, set_password
from gisgrid.accounts.identity import token_hash
from gisgrid.store.database import Database
from tests.api.accounts import ENGLISH, PASSWORD, log_in, with_password
from tests.api.conftest import Clients


@pytest.fixture
def lina(database: Database, client: TestClient) -> TestClient:
    """A client of the account `lina`, who has a password and is not logged in yet."""
    with_password(database)
    return client


def test_a_visitor_is_nobody(client: TestClient) -> None:
    assert client.get("/api/session").json() == {"user": None, "csrf": None}


def test_logging_in_says_who_one_is(lina: TestClient) -> None:
    answer = log_in(lina)
    assert answer.status_code == 200
    assert answer.json()["user"] == {
        "login": "lina",
        "name": "李娜",
        "role": "analyst",
        "jurisdiction": {"uid": "CITY", "name": "示例市"},
        "department": None,
    }
    assert lina.get("/api/session").json() == answer.json()


def test_department_staff_have_a_department(as_account: Clients) -> None:
    user = as_account("department").get("/api/session").json()["user"]
    assert user["department"] == {"code": "agriculture", "name": {"zh": "农业", "en": "Agriculture"}}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(lina: TestClient) -> None:
    cookie = log_in(lina).headers["set-cookie"].lower()
    assert cookie.startswith("gisgrid_session=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "max-age=43200" in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_is_bound_to_the_host(app: FastAPI, database: Database) -> None:
    with_password(database)
    client = TestClient(app, base_url="https://testserver")
    answer = log_in(client)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-gisgrid_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert client.get("/api/session").json()["user"]["login"] == "lina"


def test_only_a_hash_of_the_session_is_kept(lina: TestClient, database: Database) -> None:
    log_in(lina)
    token = lina.cookies[COOKIE]
    with database.operating() as session:
        kept = session.execute(text("SELECT token_hash, expires_at - created_at FROM gisgrid.login_session"))
        found = {bytes(row[0]): row[1] for row in kept}
    assert found[token_hash(token)] == timedelta(hours=12)
    assert token.encode() not in found


def test_a_wrong_password_and_an_unknown_login_are_told_apart_by_nothing(lina: TestClient) -> None:
    wrong = log_in(lina, password="not-the-password")
    unknown = log_in(lina, login="nobody")
    assert wrong.status_code == unknown.status_code == 401
    hidden = {"request_id"}
    assert {k: v for k, v in wrong.json().items() if k not in hidden} == {
        k: v for k, v in unknown.json().items() if k not in hidden
    }
    assert "set-cookie" not in wrong.headers
    assert "Basic" not in wrong.headers["www-authenticate"]


def test_a_wrong_password_and_an_unknown_login_take_the_same_time(
    lina: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle.LoginThrottle, "check", lambda *_: None)

    def seconds(login: str) -> float:
        began = time.process_time()  # what others do on this machine is no difference between logins
        log_in(lina, login=login, password="not-the-password")
        return time.process_time() - began

    pairs = [(seconds("lina"), seconds("nobody"), seconds("planner")) for _ in range(7)]
    known, unknown, without_password = (statistics.median(each) for each in zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2
    assert 0.5 < without_password / known < 2


def test_a_disabled_account_does_not_log_in_and_says_nothing_of_it(
    lina: TestClient, database: Database
) -> None:
    with database.operating() as session:
        disable(session, "lina")
    assert log_in(lina).json()["detail"] == log_in(lina, login="nobody").json()["detail"]


def test_an_account_without_a_password_lets_nobody_in(client: TestClient) -> None:
    assert log_in(client, login="admin", password="!").status_code == 401


def test_logging_out_ends_the_session_wherever_the_token_is(lina: TestClient, app: FastAPI) -> None:
    log_in(lina)
    copy = TestClient(app, cookies={COOKIE: lina.cookies[COOKIE]})
    assert copy.get("/api/session").json()["user"]["login"] == "lina"
    assert lina.delete("/api/session").status_code == 204
    assert COOKIE not in lina.cookies
    assert copy.get("/api/session").json()["user"] is None
    assert copy.get("/api/tokens").status_code == 401


def test_logging_out_twice_is_no_error(client: TestClient) -> None:
    assert client.delete("/api/session").status_code == 204


def test_a_session_known_before_logging_in_is_worth_nothing_after(lina: TestClient, app: FastAPI) -> None:
    lina.cookies.set(COOKIE, "s_chosen-by-an-attacker")
    log_in(lina)
    fixed = TestClient(app, cookies={COOKIE: "s_chosen-by-an-attacker"})
    assert fixed.get("/api/session").json()["user"] is None


def test_logging_in_again_ends_the_session_before(lina: TestClient, app: FastAPI) -> None:
    log_in(lina)
    before = TestClient(app, cookies={COOKIE: lina.cookies[COOKIE]})
    log_in(lina)
    assert before.get("/api/session").json()["user"] is None
    assert lina.get("/api/session").json()["user"] is not None


def test_an_expired_session_is_nobody_and_its_cookie_is_taken(lina: TestClient, database: Database) -> None:
    log_in(lina)
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.login_session SET expires_at = now() - interval '1 second'"))
    answer = lina.get("/api/session")
    assert answer.json() == {"user": None, "csrf": None}
    assert 'gisgrid_session=""' in answer.headers["set-cookie"]


def test_disabling_an_account_ends_its_sessions_for_good(lina: TestClient, database: Database) -> None:
    log_in(lina)
    with database.operating() as session:
        disable(session, "lina")
    assert lina.get("/api/session").json()["user"] is None
    with database.operating() as session:
        enable(session, "lina")
    assert lina.get("/api/session").json()["user"] is None


def test_a_new_password_ends_the_other_sessions_only(
    lina: TestClient, app: FastAPI, database: Database
) -> None:
    log_in(lina)
    other = TestClient(app)
    log_in(other)
    new = "another-good-one-77"
    answer = lina.post("/api/session/password", json={"old": PASSWORD, "new": new})
    assert answer.status_code == 204
    assert lina.get("/api/session").json()["user"]["login"] == "lina"
    assert other.get("/api/session").json()["user"] is None
    assert log_in(TestClient(app)).status_code == 401
    assert log_in(TestClient(app), password=new).status_code == 200


def test_a_password_set_at_the_shell_ends_all_sessions(lina: TestClient, database: Database) -> None:
    log_in(lina)
    with database.operating() as session:
        set_password(session, "lina", "another-good-one-77")
    assert lina.get("/api/session").json()["user"] is None


def test_a_new_password_needs_the_old_one(lina: TestClient) -> None:
    log_in(lina)
    answer = lina.post("/api/session/password", json={"old": "wrong", "new": "another-good-one-77"})
    assert answer.status_code == 403
    assert answer.json()["detail"] == "原密码不对。"


@pytest.mark.parametrize(
    "weak",
    ["short", "password1234", "1234567890", "aaaaaaaaaaaa", "lina-lina-lina", "qwertyuiop12", "x" * 128],
)
def test_a_weak_password_is_refused(lina: TestClient, weak: str) -> None:
    log_in(lina)
    answer = lina.post("/api/session/password", json={"old": PASSWORD, "new": weak}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "password" in answer.json()["detail"].lower()
    assert weak not in answer.text


def test_the_eleventh_wrong_password_is_refused_unread(lina: TestClient) -> None:
    for _ in range(10):
        assert log_in(lina, password="wrong").status_code == 401
    refused = log_in(lina)  # the right one: too late
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900


def test_throttling_ends_when_the_window_has_passed(
    lina: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(11):
        log_in(lina, password="wrong")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 901)
    assert log_in(lina).status_code == 200


def test_a_success_forgives_the_failures_before_it(lina: TestClient) -> None:
    for _ in range(3):
        for _ in range(9):
            log_in(lina, password="wrong")
        assert log_in(lina).status_code == 200


def test_one_address_cannot_try_many_accounts(lina: TestClient) -> None:
    statuses = [log_in(lina, login=f"guess{n}").status_code for n in range(31)]
    assert statuses == [401] * 30 + [429]


def test_throttling_at_one_address_does_not_lock_the_owner_out(app: FastAPI, database: Database) -> None:
    with_password(database)
    attacker = TestClient(app, client=("203.0.113.9", 1))
    for _ in range(11):
        log_in(attacker, password="wrong")
    assert log_in(attacker).status_code == 429
    assert log_in(TestClient(app, client=("198.51.100.7", 1))).status_code == 200


def test_many_addresses_together_are_stopped_at_one_account(app: FastAPI, database: Database) -> None:
    throttled = throttle.LoginThrottle()
    for n in range(100):
        throttled.failed("lina", f"203.0.{n}.1")
    with pytest.raises(throttle.TooManyRequests):
        throttled.check("LINA", "198.51.100.7")


def test_an_ipv6_network_counts_as_one_address() -> None:
    throttled = throttle.LoginThrottle()
    for n in range(30):
        throttled.failed(f"guess{n}", f"2001:db8::{n:x}")
    with pytest.raises(throttle.TooManyRequests):
        throttled.check("lina", "2001:db8::ffff")
    throttled.check("lina", "2001:db8:0:1::1")


def test_claiming_another_address_does_not_help(lina: TestClient) -> None:
    for n in range(11):
        lina.headers["X-Forwarded-For"] = f"203.0.113.{n}"
        answer = log_in(lina, password="wrong")
    assert answer.status_code == 429


def test_a_flood_of_logins_is_asked_to_come_back(lina: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_routes, "WAITING", 0)
    answer = log_in(lina)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_login_takes_json_only(lina: TestClient) -> None:
    answer = lina.post("/api/session", data={"login": "lina", "password": PASSWORD})
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("login", ["", "x" * 65, "li\x00na"])
def test_an_impossible_login_is_refused(client: TestClient, login: str) -> None:
    assert log_in(client, login=login).status_code in (401, 422)
