"""A site of its own for measuring: a private cluster, data, a served process, and what they weigh."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from gisgrid.accounts.directory import NewAccount, account_id, add_account
from gisgrid.accounts.tokens import Scope, make_token
from gisgrid.model import AccountRole
from gisgrid.settings import Settings
from gisgrid.store.cluster import cluster
from gisgrid.store.database import Database
from gisgrid.store.migrate import upgrade
from gisgrid.store.server import Role


@dataclass(frozen=True)
class Site:
    """A running site: where it is, whom to ask as, and its processes."""

    base: str
    token: str
    database: Database
    pid: int
    postmaster: int

    def memory_mb(self) -> tuple[float, float]:
        """Proportional memory of the Python server and of PostgreSQL, MB (shared pages counted once)."""
        return _weight_mb(self.pid), _weight_mb(self.postmaster)


@contextmanager
def site(fill: Callable[[Database], object]) -> Iterator[Site]:
    """Start a cluster, let `fill` load it, serve it, and end both."""
    with tempfile.TemporaryDirectory(prefix="gb") as folder:
        Path(folder).chmod(0o755)
        settings = Settings(data_dir=Path(folder) / "data")
        running = cluster(settings)
        server = running.start()
        try:
            upgrade(server)
            database = Database(server)
            fill(database)
            with server.connect(Role.OWNER) as connection:
                connection.execute("ANALYZE")
            with serving(settings.data_dir) as (base, pid):
                yield Site(base, _token(database), database, pid, _postmaster(settings.data_dir))
        finally:
            running.stop()


@contextmanager
def serving(data_dir: Path) -> Iterator[tuple[str, int]]:
    """`gisgrid serve` on a free port; its address and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "gisgrid", "serve", "--port", str(port)],
        env={**os.environ, "GISGRID_DATA_DIR": str(data_dir)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(base, process)
        yield base, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _await(base: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{base}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError(f"the site did not come up (exit code {process.poll()})")


def _token(database: Database) -> str:
    with database.operating() as session:
        add_account(session, NewAccount("measurer", "measurer", AccountRole.ANALYST))
        holder = account_id(session, "measurer")
        made = make_token(session, holder, name="measuring", scopes=[Scope.READ], days=1)
    return made.token


def _postmaster(data_dir: Path) -> int:
    [file] = data_dir.rglob("postmaster.pid")
    return int(file.read_text().split("\n", 1)[0])


def _weight_mb(parent: int) -> float:
    """Proportional set size of a process and its children."""
    children = subprocess.run(
        ["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False
    ).stdout
    total_kb = 0
    for pid in [parent, *map(int, children.split())]:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except FileNotFoundError:
            continue  # ended in the meantime
        total_kb += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total_kb / 1024
