"""`gisgrid demo`, as `make demo` calls it: at once, again, and after everything was killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gisgrid.store.cluster import Cluster
from gisgrid.store.server import Role, Server


@pytest.fixture
def home() -> Iterator[Path]:
    """A data folder that PostgreSQL's user can reach; its cluster ends with it."""
    with tempfile.TemporaryDirectory(prefix="gg", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Cluster(Path(folder) / "postgres").stop()


def demo(home: Path) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GISGRID_")}
    return subprocess.Popen(
        [sys.executable, "-m", "gisgrid", "demo", "--no-serve", "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**kept, "GISGRID_DATA_DIR": str(home), "NO_COLOR": "1"},
    )


def finished(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=240)
    assert process.returncode == 0, said
    return said


def rows(server: Server) -> dict[str, object]:
    """What each table holds, as a checksum, and its count of changes."""
    with server.connect(Role.SUPERUSER) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'gisgrid'::regnamespace AND relkind = 'r'"
        ).fetchall()
        return {name: _checksum(connection, name) for (name,) in tables}


def _checksum(connection: psycopg.Connection, table: str) -> object:
    query = f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM gisgrid.{table} t"  # noqa: S608
    return connection.execute(query.encode()).fetchone()


def test_the_demo_can_be_set_up_twice_at_once_again_and_after_a_kill(home: Path) -> None:
    both = [demo(home), demo(home)]
    said = [each.communicate(timeout=240)[0] for each in both]  # of both, whatever either says
    assert [each.returncode for each in both] == [0, 0], said
    assert re.search(r"coverage gaps 6, overlaps 6, protrusions 2, mis-nested 2; 1200 sources", said[0])
    assert said[0] == said[1]  # the same accounts, with the same passwords

    server = Cluster(home / "postgres").start()
    before = rows(server)
    assert before["source"] != (0, None)
    assert finished(demo(home)) == said[0]
    assert rows(server) == before

    postmaster = (home / "postgres" / "pgdata" / "postmaster.pid").read_text().splitlines()[0]
    os.kill(int(postmaster), signal.SIGKILL)
    assert finished(demo(home)) == said[0]
    assert rows(server) == before


def test_a_set_up_that_is_killed_is_finished_by_the_next(home: Path) -> None:
    cut = demo(home)
    with pytest.raises(subprocess.TimeoutExpired):
        cut.wait(9)  # in the middle of the imports, on most machines
    cut.kill()
    cut.communicate()
    assert "1200 sources, 20 uncovered" in finished(demo(home))
