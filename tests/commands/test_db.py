"""`gisgrid db`, as a user types it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that PostgreSQL's user can reach; its cluster ends with it."""
    with tempfile.TemporaryDirectory(prefix="gg") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        gisgrid(Path(folder), "stop")


def gisgrid(home: Path, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GISGRID_")}
    return subprocess.run(
        [sys.executable, "-m", "gisgrid", "db", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**kept, "GISGRID_DATA_DIR": str(home), "NO_COLOR": "1", **variables},
        check=False,
    )


def test_a_database_is_made_backed_up_restored_and_stopped(home: Path, tmp_path: Path) -> None:
    assert gisgrid(home, "status").returncode == 1
    assert gisgrid(home, "migrate").returncode == 0
    status = gisgrid(home, "status", "--lang", "en")
    assert (status.returncode, status.stderr) == (0, "")
    assert "State: running" in status.stdout

    url = gisgrid(home, "url").stdout.strip()  # not a terminal: as psql needs it
    count = "SELECT count(*) FROM gisgrid.enterprise"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO gisgrid.enterprise (credit_code, name) VALUES ('1', '甲厂')")
    assert gisgrid(home, "backup", tmp_path / "b.dump").returncode == 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM gisgrid.enterprise")
    assert gisgrid(home, "restore", tmp_path / "b.dump").returncode == 1  # nobody said yes
    restored = gisgrid(home, "restore", tmp_path / "b.dump", "--yes")
    assert (restored.returncode, restored.stderr) == (0, "")
    with psycopg.connect(url) as connection:
        assert connection.execute(count).fetchone() == (1,)

    assert gisgrid(home, "stop").returncode == 0
    assert gisgrid(home, "status").returncode == 1


def test_what_is_wrong_is_said_in_two_lines_and_no_stack(home: Path) -> None:
    for arguments, variables, said in (
        (("start",), {"GISGRID_POSTGRES_BIN": str(home)}, "apt-get install postgresql"),
        (("start",), {"GISGRID_DATABASE_URL": "city"}, "postgresql://user:password@host"),
        (("stop",), {"GISGRID_DATABASE_URL": "postgresql://a:b@c/d"}, "not gisgrid's to stop"),
        (("start",), {"GISGRID_DATA_DIR": "/proc/nowhere"}, "cannot be made"),
    ):
        failed = gisgrid(home, *arguments, **variables)
        assert failed.returncode == 2
        assert said in failed.stderr
        assert "Traceback" not in failed.stderr
