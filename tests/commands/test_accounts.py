"""`gisgrid user` and `gisgrid token`, over a database of the test's own."""

from __future__ import annotations

import dataclasses

import pytest
from typer.testing import CliRunner

from gisgrid.accounts.errors import LoginRefused
from gisgrid.accounts.identity import identify
from gisgrid.accounts.sessions import log_in
from gisgrid.cli import app
from gisgrid.commands import platform
from gisgrid.store.database import Database
from gisgrid.store.migrate import is_current

PASSWORD = "heron-lamp-42-rice"


@pytest.fixture(autouse=True)
def own_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands use the test's database."""
    server = dataclasses.replace(database.server, database=database._name)
    assert is_current(server)
    monkeypatch.setattr(platform, "prepared_server", lambda: server)


def run(*arguments: str, given: str = "", code: int = 0) -> str:
    """Run a command; what it printed for programs."""
    result = CliRunner().invoke(app, list(arguments), input=given)
    assert result.exit_code == code, result.output
    return result.stdout.strip()


def test_an_account_is_added_with_a_piped_password(database: Database) -> None:
    run("user", "add", "wang", "--role", "admin", given=f"{PASSWORD}\n")
    assert log_in(database, "wang", PASSWORD).startswith("s_")


def test_a_password_made_up_is_printed_once(database: Database) -> None:
    password = run("user", "add", "wang", "--role", "admin", "--generate")
    assert log_in(database, "wang", password)
    renewed = run("user", "passwd", "wang", "--generate")
    assert log_in(database, "wang", renewed)
    with pytest.raises(LoginRefused):
        log_in(database, "wang", password)
    assert renewed not in run("user", "list")


def test_no_command_takes_a_password_as_an_argument() -> None:
    for command in ("add", "passwd"):
        assert "--password" not in run("user", command, "--help")


@pytest.mark.parametrize("given", ["", "short\n"])
def test_no_password_and_a_weak_one_are_refused(given: str) -> None:
    run("user", "add", "wang", "--role", "admin", given=given, code=2)


def test_disabling_ends_sessions_and_enabling_lets_in_again(database: Database) -> None:
    run("user", "add", "wang", "--role", "admin", given=PASSWORD)
    session = log_in(database, "wang", PASSWORD)
    run("user", "disable", "wang")
    assert identify(database, session) is None
    run("user", "enable", "wang")
    assert log_in(database, "wang", PASSWORD)


def test_an_unknown_account_is_named() -> None:
    run("user", "disable", "nobody", code=2)


def test_a_token_is_printed_once_and_revoked(database: Database) -> None:
    run("user", "add", "wang", "--role", "analyst", "--generate")
    token = run("token", "add", "wang", "--name", "QGIS", "--days", "7")
    asker = identify(database, token)
    assert asker is not None
    assert (asker.login, asker.may_write) == ("wang", False)
    listed = run("token", "list", "wang")
    assert "QGIS" in listed
    assert token not in listed
    run("token", "revoke", "1")
    assert identify(database, token) is None
    run("token", "revoke", "99", code=2)


def test_a_token_lets_the_last_writer_win_where_it_may_write_only(database: Database) -> None:
    run("user", "add", "wang", "--role", "planner", "--generate")
    last = ("--scope", "last-writer-wins")
    run("token", "add", "wang", "--name", "QGIS", *last, code=2)
    asker = identify(database, run("token", "add", "wang", "--name", "QGIS", "--scope", "write", *last))
    assert asker is not None
    assert (asker.may_write, asker.last_writer_wins) == (True, True)
    asker = identify(database, run("token", "add", "wang", "--name", "script", "--scope", "write"))
    assert asker is not None
    assert (asker.may_write, asker.last_writer_wins) == (True, False)
    assert "last-writer-wins" in run("token", "add", "--help")
