"""`gisgrid map`, as a user types it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gisgrid.cli import app
from gisgrid.store.database import Database
from tests.city import City, build_city


@pytest.fixture
def city(database: Database, monkeypatch: pytest.MonkeyPatch) -> City:
    """The small city, as the platform's database."""
    with database.operating() as session:
        name = session.connection().engine.url.database
    server = replace(database.server, database=str(name))
    monkeypatch.setattr("gisgrid.commands.map.prepared_server", lambda: server)
    return build_city(database)


def test_layers_are_written_as_a_map(city: City, tmp_path: Path) -> None:
    file = tmp_path / "out.html"
    done = CliRunner().invoke(app, ["map", "--layer", "overlaps", "--layer", "grids", str(file)])
    assert done.exit_code == 0, done.output
    assert "重叠 1 · 网格 6" in done.output
    assert "示例市" in file.read_text("utf-8")


def test_a_draft_is_drawn_when_named(city: City, tmp_path: Path) -> None:
    file = tmp_path / "out.html"
    done = CliRunner().invoke(
        app, ["map", "--layer", "grids", "--plan", str(city.draft), "--lang", "en", str(file)]
    )
    assert done.exit_code == 0, done.output
    assert "Revision 2026 · draft" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layer", "nope"], "coverage-gaps"),
        (["--layer", "grids", "--plan", "999"], "--plan"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_nothing_is_written(
    city: City, tmp_path: Path, arguments: list[str], said: str
) -> None:
    file = tmp_path / "out.html"
    done = CliRunner().invoke(app, ["map", *arguments, str(file)])
    assert done.exit_code == 2
    assert said in done.output
    assert not file.exists()
