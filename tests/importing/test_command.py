"""`gisgrid import`, as a script sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gisgrid.commands import load
from gisgrid.store.database import Database
from gisgrid.store.server import Server
from tests.importing.region import column, level_files


@pytest.fixture
def command(server: Server, database: Database, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(load, "server", lambda _: server)
    monkeypatch.setattr(load, "upgrade", lambda _: None)
    monkeypatch.setattr(load, "Database", lambda _: database)
    return CliRunner()


def test_a_dry_run_tells_a_script_what_would_change(
    command: CliRunner, database: Database, tmp_path: Path
) -> None:
    files = [str(each.path) for each in level_files(tmp_path)]
    answer = command.invoke(load.app, ["grids", *files, "--dry-run", "--json"])
    told = json.loads(answer.stdout)
    assert (told["inserted"], told["dry_run"], told["plan"]["state"]) == (7, True, "draft")
    assert column(database, "SELECT count(*) FROM {s}.grid") == [0]


def test_what_was_done_is_told_in_both_languages(
    command: CliRunner, database: Database, tmp_path: Path
) -> None:
    files = [str(each.path) for each in level_files(tmp_path)]
    first = command.invoke(load.app, ["grids", *files, "--publish", "--valid-from", "2020-01-01"])
    assert "网格: 已导入" in first.stdout
    again = command.invoke(load.app, ["grids", *files, "--lang", "en"])
    assert "Grids: nothing changed" in again.stdout
    assert column(database, "SELECT state FROM {s}.plan") == ["published"]


def test_options_that_do_not_go_together_are_refused(command: CliRunner, tmp_path: Path) -> None:
    files = [str(each.path) for each in level_files(tmp_path)]
    assert command.invoke(load.app, ["grids", *files, "--publish"]).exit_code == 2
    assert command.invoke(load.app, ["grids", *files, "--kind", "key"]).exit_code == 2
