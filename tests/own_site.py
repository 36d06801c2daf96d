"""A site as it really runs: `gisgrid serve` in a process of its own, over a cluster of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gisgrid.store.cluster import Cluster
from gisgrid.store.database import Database
from gisgrid.store.migrate import upgrade
from gisgrid.store.server import Server
from tests.city import City, build_city

BEARER = {"Authorization": "Bearer gg_token-of-the-analyst"}


@dataclass(frozen=True)
class Answer:
    """What came back, and when, by the monotonic clock."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class OwnSite:
    """The small city, served by a process that a test may end as it likes.

    Parameters
    ----------
    home : Path
        The data folder, reachable for the user that PostgreSQL runs as.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cluster = Cluster(home / "postgres")
        self.server: Server = self.cluster.start()
        upgrade(self.server)
        self.database = Database(self.server)
        self.city: City = build_city(self.database)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def gisgrid(self, *arguments: object, timeout_s: float = 120, **variables: str) -> tuple[int, str]:
        """Run a command; its exit code and all that it said."""
        done = subprocess.run(
            [sys.executable, "-m", "gisgrid", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            env={**self._environment(), **variables}, timeout=timeout_s, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    def serve(self, *arguments: str) -> None:
        """Start serving on a free port, and wait until it answers."""
        said = self.home / "serve.log"
        said.unlink(missing_ok=True)
        with said.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gisgrid", "serve", "--port", "0", "--lang", "en", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment(),
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)", said.read_bytes())):
            assert self.process.poll() is None, said.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.port = int(found[1])
        assert self.status("/readyz") == 200  # the listener takes it before the site is up

    def end(self) -> None:
        """Leave nothing running."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()
        self.database.close()
        self.cluster.stop()

    def get(self, path: str, headers: Mapping[str, str] | None = None, timeout_s: float = 30) -> Answer:
        """Ask, over a connection of its own."""
        return self._ask("GET", path, None, headers, timeout_s)

    def post(self, path: str, body: Any, headers: Mapping[str, str], timeout_s: float = 30) -> Answer:
        """Send JSON, over a connection of its own."""
        headers = {"Content-Type": "application/json", **headers}
        return self._ask("POST", path, json.dumps(body), headers, timeout_s)

    def _ask(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str] | None, timeout_s: float
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, headers=dict(headers or {}))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def status(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        """The status alone."""
        return self.get(path, headers).status

    def postmaster(self) -> int:
        """The process that a `kill -9` of the database ends."""
        return int((self.home / "postgres" / "pgdata" / "postmaster.pid").read_text().splitlines()[0])

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GISGRID_")}
        # Temporary files here, so that a test sees what is left of them.
        temporary = self.home / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**kept, "GISGRID_DATA_DIR": str(self.home), "NO_COLOR": "1", "TMPDIR": str(temporary)}


@contextlib.contextmanager
def own_site() -> Iterator[OwnSite]:
    """A site with its cluster, both gone afterwards."""
    # Under /tmp, not pytest's own folder, which is closed to the user that PostgreSQL runs as.
    with TemporaryDirectory(prefix="gg", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        site = OwnSite(Path(folder))
        try:
            yield site
        finally:
            site.end()


@contextlib.contextmanager
def under_load(site: OwnSite, paths: tuple[str, ...], clients: int = 6) -> Iterator[list[Answer]]:
    """Clients that ask one thing after the other until the block ends, and everything they got."""
    answers: list[Answer] = []
    failures: list[Exception] = []
    over = threading.Event()

    def ask(first: int) -> None:
        number = first
        while not over.is_set():
            try:
                answers.append(site.get(paths[number % len(paths)], BEARER if number % 2 else None))
            except Exception as error:
                failures.append(error)
            number += 1
            time.sleep(0.01)

    threads = [threading.Thread(target=ask, args=(each,)) for each in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join(40)
    assert not failures, failures[:3]
    assert not any(thread.is_alive() for thread in threads)
