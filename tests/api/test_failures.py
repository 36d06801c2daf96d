"""What goes wrong around the site, done to a real one: `gisgrid serve` over a cluster of its own."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from api.connections import HEAD_S
from gisgrid.store.server import USERS, Role
from tests.own_site import BEARER, Answer, OwnSite, own_site, under_load

RECOVERY_S = 10.0
PATHS = (
    "/api/responsibility?lon=121.81&lat=41.01",
    "/ogc/collections/sources/items?limit=5",
    "/tiles/grids/9/429/191.mvt",
    "/ogc/collections/grids/items?limit=100",
    "/api/site",
)
Restart = Callable[[OwnSite], None]


@pytest.fixture(scope="module")
def running() -> Iterator[OwnSite]:
    """A site for the tests of this file; a test that ends it starts it again."""
    with own_site() as site:
        site.serve()
        yield site


@pytest.fixture
def site(running: OwnSite) -> OwnSite:
    """The site, answering, whatever the test before did to it."""
    running.cluster.start()
    if running.process is None or running.process.poll() is not None:
        running.serve()
    running.database.close()
    assert running.status("/readyz") == 200
    return running


def _kill(site: OwnSite) -> None:
    os.kill(site.postmaster(), signal.SIGKILL)


def _stop(site: OwnSite) -> None:
    assert site.gisgrid("db", "stop")[0] == 0


@pytest.mark.parametrize("take_away", [_kill, _stop])
def test_under_load_a_database_that_goes_is_503_and_one_that_returns_is_used_within_10_s(
    site: OwnSite, take_away: Restart
) -> None:
    with under_load(site, PATHS) as answers:
        time.sleep(1)
        taken = time.monotonic()
        take_away(site)
        gone = time.monotonic()
        time.sleep(2)
        while_away = [each for each in answers if each.at > gone + 0.5]
        code, said = site.gisgrid("db", "start")
        assert code == 0, said
        back = time.monotonic()
        time.sleep(RECOVERY_S + 1)
        over = time.monotonic()
    assert {each.status for each in answers if each.at < taken} <= {200, 204}
    assert while_away
    assert {each.status for each in while_away} == {503}
    refused = [each for each in answers if each.status not in (200, 204)]
    for each in refused:
        _is_a_clear_refusal(each, site)
    late = [each for each in answers if back + RECOVERY_S < each.at < over]
    assert late
    assert {each.status for each in late} <= {200, 204}


def _is_a_clear_refusal(answer: Answer, site: OwnSite) -> None:
    assert answer.status == 503, answer
    assert int(answer.headers["retry-after"]) <= RECOVERY_S
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["detail"]
    assert said["todo"]
    for secret in (str(site.home), "gisgrid_app", "SELECT", "psycopg", "socket"):
        assert secret not in answer.body.decode()


def test_told_to_stop_it_finishes_what_it_answers_and_leaves(site: OwnSite) -> None:
    assert site.process is not None
    answers: list[Answer] = []
    # Locked rows keep the answer waiting until the lock is let go.
    with site.database.operating() as session:
        session.execute(text("LOCK TABLE gisgrid.grid IN ACCESS EXCLUSIVE MODE"))
        asking = threading.Thread(target=lambda: answers.append(site.get(PATHS[3])))
        asking.start()
        time.sleep(0.5)
        site.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert site.process.poll() is None
        with pytest.raises(ConnectionRefusedError):
            site.get("/healthz")
    asking.join(20)
    assert answers[0].status == 200
    assert len(answers[0].json()["features"]) == 6
    assert site.process.wait(20) in (0, -signal.SIGTERM)
    assert _connections_of_the_site(site) == []


def test_after_kill_9_of_site_and_database_serving_is_all_it_takes(site: OwnSite) -> None:
    assert site.process is not None
    before = site.get(PATHS[3]).json()["features"]
    _kill(site)
    site.process.kill()
    site.process.wait()
    site.serve()
    assert site.get(PATHS[3]).json()["features"] == before


def test_a_second_site_on_the_same_port_is_told_so(site: OwnSite) -> None:
    for command in ("serve", "demo"):
        code, said = site.gisgrid(command, "--port", site.port, "--lang", "en")
        assert code == 2
        assert "The port is in use." in said
        assert "Traceback" not in said
    assert site.status("/readyz") == 200


def test_clients_that_leave_cost_no_connection_and_leave_no_identity(site: OwnSite) -> None:
    secret = "/ogc/collections/coverage-gaps/items?limit=100"
    asked = f"GET {secret} HTTP/1.1\r\nHost: x\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n".encode()
    for number in range(200):
        with socket.create_connection(("127.0.0.1", site.port)) as leaving:
            leaving.sendall(asked)
            time.sleep(0.002 * (number % 5))
    for _ in range(100):  # more than there are connections, so that each is used again
        assert site.status(secret) == 404
        assert site.get("/api/session").json()["user"] is None
    assert site.status(secret, BEARER) == 200
    _all_idle(site)


def test_clients_that_leave_while_the_database_works_are_no_loss(site: OwnSite) -> None:
    with site.database.operating() as session:
        session.execute(text("LOCK TABLE gisgrid.grid IN ACCESS EXCLUSIVE MODE"))
        leaving = []
        for _ in range(20):
            client = socket.create_connection(("127.0.0.1", site.port))
            client.sendall(f"GET {PATHS[3]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            leaving.append(client)
        time.sleep(0.5)
        for client in leaving:
            client.close()
        assert site.status("/healthz") == 200
    began = time.monotonic()
    assert site.status(PATHS[3]) == 200
    assert time.monotonic() - began < 5
    _all_idle(site)


def test_clients_that_do_not_read_keep_nobody_waiting(site: OwnSite) -> None:
    slow = []
    for _ in range(60):  # more than there are threads and connections
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect(("127.0.0.1", site.port))
        client.sendall(f"GET {PATHS[3]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        slow.append(client)
    try:
        began = time.monotonic()
        assert site.status(PATHS[0]) == 200
        assert time.monotonic() - began < 5
        _all_idle(site)
    finally:
        for client in slow:
            client.close()


def test_clients_that_never_finish_asking_are_let_go(site: OwnSite) -> None:
    silent, half, again = (socket.create_connection(("127.0.0.1", site.port)) for _ in range(3))
    with silent, half, again:
        again.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert again.recv(4096).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        for byte in b"GET /healthz HTTP/1.1":  # a byte now and then is no reason to wait longer
            for client in (half, again):
                client.sendall(bytes([byte]))
            time.sleep((HEAD_S - 2) / 21)
        for client in (silent, half, again):
            client.settimeout(8)
            while client.recv(4096):  # until it is closed
                pass
        assert time.monotonic() - began < HEAD_S + 5
    assert site.status("/readyz") == 200


def test_a_download_that_the_disk_cannot_take_is_507_and_leaves_no_file(site: OwnSite) -> None:
    assert site.process is not None
    path = "/api/layers/grids/download?format=gpkg"
    soft, hard = resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE)
    os.truncate(site.home / "serve.log", 0)  # or the log could not grow either
    resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE, (40_000, hard))  # of 100 kB
    try:
        refused = site.get(path)
    finally:
        resource.prlimit(site.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.status == 507
    assert refused.json()["todo"]
    assert list((site.home / "tmp").iterdir()) == []
    assert site.status(path) == 200


def test_a_map_that_the_disk_cannot_take_leaves_the_one_before(site: OwnSite) -> None:
    out = site.home / "map.html"
    out.write_text("the map of yesterday")
    code, said = _with_files_of(20_000, site, "map", "--layer", "grids", out, "--lang", "en")
    assert code == 2, said
    assert "Traceback" not in said
    assert out.read_text() == "the map of yesterday"
    assert [each.name for each in site.home.glob("*map*")] == ["map.html"]


def _with_files_of(largest_bytes: int, site: OwnSite, *arguments: object) -> tuple[int, str]:
    """Run a command that may write files of this size at most."""
    limited = (
        "import resource, sys; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_bytes}, {largest_bytes})); "
        "from gisgrid.cli import app; app(prog_name='gisgrid')"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        env={**os.environ, "GISGRID_DATA_DIR": str(site.home), "NO_COLOR": "1"}, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def _connections_of_the_site(site: OwnSite) -> list[str]:
    with site.server.connect(Role.SUPERUSER) as connection:
        rows = connection.execute(
            "SELECT state FROM pg_stat_activity WHERE usename = %s", (USERS[Role.APP],)
        ).fetchall()
    return [state for (state,) in rows]


def _all_idle(site: OwnSite) -> None:
    deadline = time.monotonic() + 10
    while set(_connections_of_the_site(site)) - {"idle"}:
        assert time.monotonic() < deadline, _connections_of_the_site(site)
        time.sleep(0.1)
    assert len(_connections_of_the_site(site)) <= 16
