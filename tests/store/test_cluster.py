"""The private cluster, in every state that a machine can leave it in."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from gisgrid.errors import DiskFull, MissingServer, StoreError, UnusableFolder, WrongDatabaseVersion
from gisgrid.store import cluster as clusters
from gisgrid.store.account import Account
from gisgrid.store.cluster import Cluster, ClusterState, Role, Server
from gisgrid.store.layout import PORT, Layout
from gisgrid.store.postgres_tools import NEEDED, PostgresTools, find_tools
from gisgrid.store.postmaster import orphans, postmaster

NOBODY = 65534
KEPT = "SELECT number FROM kept"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user can reach, whoever runs the tests; its clusters end with it."""
    with tempfile.TemporaryDirectory(prefix="gg") as parent:
        Path(parent).chmod(0o755)
        yield Path(parent) / "data"
        for made in [
            each.parent for each in Path(parent).rglob("PG_VERSION") if each.parent.name == "pgdata"
        ]:
            pid = postmaster(made)
            if pid is not None:
                os.kill(pid, signal.SIGQUIT)
                until(lambda pid=pid: not Path(f"/proc/{pid}").exists())


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """One cluster for all that it is said to survive."""
    with tempfile.TemporaryDirectory(prefix="gg") as parent:
        Path(parent).chmod(0o755)
        cluster = Cluster(Path(parent) / "data")
        cluster.start()
        yield cluster
        cluster.stop()


@pytest.fixture
def running(shared: Cluster) -> Server:
    """The shared cluster, running."""
    return shared.start()


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pid_of(cluster: Cluster) -> int:
    found = postmaster(cluster.folder / "pgdata")
    assert found is not None
    return found


def answer(server: Server, query: str, role: Role = Role.OWNER) -> object:
    with server.connect(role) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def keep_number(server: Server, number: int) -> None:
    with server.connect(Role.OWNER) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", (number,))


def test_from_nothing_every_role_can_log_in(folder: Path) -> None:
    server = Cluster(folder).start()
    assert [answer(server, "SELECT current_user", role) for role in Role] == [
        "postgres",
        "gisgrid_owner",
        "gisgrid_app",
        "gisgrid_login",
    ]
    assert str(answer(server, "SELECT postgis_version()", Role.APP)).startswith("3.")


def test_starting_what_runs_changes_nothing_and_waits_for_nothing(
    shared: Cluster, running: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, run, programs = pid_of(shared), Account.run, []

    def noted(self: Account, command: list[str], *rest: Any, **named: Any) -> Any:
        programs.append(Path(command[0]).name)
        return run(self, command, *rest, **named)

    monkeypatch.setattr(Account, "run", noted)
    impatient = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: pytest.fail("it slept"))
    monkeypatch.setattr(clusters, "time", impatient)
    assert Cluster(shared.folder).start() == running
    assert set(programs) <= {"sh"}  # which looks whether the folder can be reached
    assert pid_of(shared) == before


def test_stopping_keeps_the_rows_and_may_be_said_twice(shared: Cluster, running: Server) -> None:
    keep_number(running, 7)
    shared.stop()
    shared.stop()
    assert shared.status().state is ClusterState.STOPPED
    assert answer(shared.start(), KEPT) == 7


def test_the_status_says_what_there_is(folder: Path) -> None:
    cluster = Cluster(folder)
    assert cluster.status().state is ClusterState.ABSENT
    assert not folder.exists()
    cluster.start()
    status = cluster.status()
    assert status.state is ClusterState.RUNNING
    assert status.version == status.installed
    assert status.postgis is not None
    assert not status.warnings


def test_processes_that_start_it_at_once_get_the_same_server(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from gisgrid.store.cluster import Cluster, Role\n"
        "server = Cluster(Path(sys.argv[1])).start()\n"
        "print(server.connect(Role.OWNER).execute('SELECT pg_postmaster_start_time()').fetchone())"
    )
    racing = [
        subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [each.communicate(timeout=120)[0] for each in racing]
    assert [each.returncode for each in racing] == [0, 0, 0]
    assert len(set(said)) == 1


def test_no_acknowledged_row_is_lost_when_the_server_is_killed(shared: Cluster, running: Server) -> None:
    keep_number(running, 42)
    busy = running.connect(Role.OWNER)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
    name = Layout(shared.folder).name
    killed = pid_of(shared)
    os.kill(killed, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{killed}").exists())
    assert busy.info.backend_pid in orphans(name)  # it does not notice: it still holds the shared memory
    assert answer(Cluster(shared.folder).start(), KEPT) == 42
    assert busy.info.backend_pid not in orphans(name)
    busy.close()


def test_a_pid_that_another_process_has_now_is_left_alone(shared: Cluster, running: Server) -> None:
    assert running.private
    pid_file = shared.folder / "pgdata" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    shared.stop()
    account = Account.for_folder(shared.folder / "pgdata")
    mine = os.geteuid() == account.uid
    other = subprocess.Popen(["sleep", "600"], user=None if mine else account.uid)
    try:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, account.uid, account.gid)
        assert shared.status().state is ClusterState.STOPPED
        shared.stop()
        shared.start()
        shared.stop()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_server_whose_socket_was_removed_is_started_anew(shared: Cluster, running: Server) -> None:
    keep_number(running, 5)
    shutil.rmtree(shared.folder / "run")
    assert answer(shared.start(), KEPT) == 5


def test_a_server_older_than_its_programs_is_restarted(
    shared: Cluster, running: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_number(running, 3)
    before = pid_of(shared)

    class Upgraded(PostgresTools):
        version = (find_tools().version[0], 99)  # type: ignore[assignment]

    monkeypatch.setattr(clusters, "find_tools", lambda *_, **__: Upgraded(find_tools().folder))
    assert answer(shared.start(), KEPT) == 3
    assert pid_of(shared) != before


def test_an_interrupted_making_is_begun_again(folder: Path) -> None:
    (folder / "pgdata.new" / "base").mkdir(parents=True)
    folder.chmod(0o711)
    Cluster(folder).start()
    assert not (folder / "pgdata.new").exists()


def test_lost_credentials_are_made_anew(shared: Cluster, running: Server) -> None:
    keep_number(running, 9)
    (shared.folder / "credentials.json").unlink()
    assert answer(shared.start(), KEPT) == 9


def test_nobody_gets_in_without_the_password(shared: Cluster, running: Server) -> None:
    socket = str(Layout(shared.folder).socket)
    for user in ("postgres", "gisgrid_owner", "gisgrid_app", "gisgrid_login"):
        for word in (None, "guess"):
            conninfo = make_conninfo(
                host=socket, port=PORT, user=user, password=word, dbname=running.database
            )
            with pytest.raises(psycopg.OperationalError, match=r"no password|authentication failed"):
                psycopg.connect(conninfo)
    assert (shared.folder / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert Path(socket).stat().st_mode & 0o777 == 0o700


def test_no_secret_is_shown_or_logged(shared: Cluster, running: Server) -> None:
    with running.connect(Role.APP) as connection:
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT set_config('a.token', 'token-in-words', false), 1/0")
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT %s::text, 1 / %s::int", ("token-bound", 0))
    words = [word.get_secret_value() for word in running.passwords.values()] + [
        "token-in-words",
        "token-bound",
    ]
    logs = [file.read_text() for file in (shared.folder / "log").iterdir()]
    assert any("division by zero" in log for log in logs)
    shown = [*logs, repr(running), repr(running.url(Role.APP)), running.libpq_url(Role.APP, password=False)]
    assert not [word for word in words if any(word in each for each in shown)]


def test_the_application_may_become_anonymous_and_nothing_else(running: Server) -> None:
    with running.connect(Role.APP) as connection:
        connection.execute("SET ROLE gisgrid_anonymous")
        connection.execute("RESET ROLE")
        for statement in (
            "SET ROLE gisgrid_owner",
            "SET ROLE postgres",
            "CREATE ROLE another",
            "CREATE TABLE public.mine ()",
            "ALTER ROLE gisgrid_app BYPASSRLS",
            "COPY (SELECT 1) TO PROGRAM 'cat'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.execute("CREATE TEMPORARY TABLE mine ()")  # where an edit stages what follows from it
        connection.execute("SET ROLE gisgrid_anonymous")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TEMPORARY TABLE other ()")


def test_boxes_are_leakproof_and_requests_have_a_limit(running: Server) -> None:
    query = (
        "SELECT proleakproof FROM pg_proc WHERE oid = 'geometry_overlaps(geometry,geometry)'::regprocedure"
    )
    assert answer(running, query) is True
    assert answer(running, "SHOW statement_timeout", Role.APP) == "15s"
    assert answer(running, "SHOW statement_timeout", Role.OWNER) == "0"
    assert answer(running, "SHOW timezone", Role.APP) == "Asia/Shanghai"


def test_a_path_too_long_for_a_socket_gets_a_short_one(folder: Path) -> None:
    deep = folder / ("深" * 30) / "d"
    server = Cluster(deep).start()
    socket = Layout(deep).socket
    try:
        assert len(os.fsencode(socket)) < 60
        assert answer(server, "SELECT 1") == 1
    finally:
        Cluster(deep).stop()
        socket.rmdir()


def test_a_socket_folder_that_somebody_else_took_is_refused(folder: Path, tmp_path: Path) -> None:
    deep = folder / ("深" * 30) / "d"
    socket = Layout(deep).socket
    socket.symlink_to(tmp_path)
    try:
        with pytest.raises(UnusableFolder):
            Cluster(deep).start()
    finally:
        socket.unlink()


def test_a_folder_with_quotes_and_spaces_works(folder: Path) -> None:
    assert answer(Cluster(folder / "it's a 网格").start(), "SELECT 1") == 1


def test_a_closed_folder_is_named_with_one_that_works(folder: Path) -> None:
    closed = folder / "closed"
    (closed / "data").mkdir(parents=True)
    account = Account.for_folder(folder / "pgdata")
    closed.chmod(0o000)
    try:
        with pytest.raises(UnusableFolder, match="/var/lib/gisgrid") as caught:
            account.must_reach(closed / "data")
        assert caught.value.where == str(closed)
    finally:
        closed.chmod(0o700)


def test_an_ordinary_user_runs_it_alone(folder: Path) -> None:
    if os.geteuid() != 0:
        assert answer(Cluster(folder).start(), "SELECT 1") == 1
        return
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)

    def alone() -> None:
        home = Cluster(folder / "share" / "gisgrid")
        for _ in range(2):
            assert answer(home.start(), "SELECT 1") == 1
        assert home.folder.stat().st_mode & 0o777 == 0o700
        with contextlib.suppress(UnusableFolder):
            Cluster(folder.parent / "foreign").start()
            raise AssertionError
        home.stop()

    as_nobody(alone)
    with pytest.raises(UnusableFolder, match="nobody"):
        Cluster(folder / "share" / "gisgrid").start()


def as_nobody(work: Callable[[], None]) -> None:
    """Do it in a process of the user `nobody`."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_full_disk_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10 * 2**20))
    with pytest.raises(DiskFull, match="10 MB"):
        Cluster(folder).start()


def test_what_postgresql_complains_about_is_told(folder: Path) -> None:
    cluster = Cluster(folder)
    cluster.start()
    cluster.stop()
    (folder / "pgdata" / "global" / "pg_control").write_bytes(b"damaged" * 2000)
    with pytest.raises(StoreError, match=r"FATAL|PANIC"):
        cluster.start()


def programs(folder: Path, **scripts: str) -> Path:
    """PostgreSQL's real programs, some of them replaced by a script that prints this."""
    folder.mkdir(parents=True)
    for name in {*NEEDED, "pg_config"} - set(scripts):
        (folder / name).symlink_to(find_tools().program(name))
    for name, printed in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\necho '{printed}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_missing_postgresql_comes_with_the_line_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(MissingServer, match="apt-get install postgresql") as caught:
        Cluster(tmp_path / "data", postgres_bin=tmp_path).start()
    assert "brew install postgis" in str(caught.value)
    assert not (tmp_path / "data").exists()


def test_missing_postgis_is_said_before_anything_is_made(tmp_path: Path) -> None:
    without = programs(tmp_path / "bin", pg_config=str(tmp_path))
    with pytest.raises(MissingServer, match="PostGIS is not"):
        Cluster(tmp_path / "data", postgres_bin=without).start()
    assert not (tmp_path / "data").exists()


def test_an_old_postgresql_is_refused(tmp_path: Path) -> None:
    old = programs(tmp_path / "bin", postgres="postgres (PostgreSQL) 14.9")
    with pytest.raises(WrongDatabaseVersion, match=r"14\.9"):
        Cluster(tmp_path / "data", postgres_bin=old).start()


def test_an_old_postgis_is_refused(tmp_path: Path) -> None:
    (tmp_path / "extension").mkdir()
    (tmp_path / "extension" / "postgis.control").write_text("default_version = '3.2.1'\n")
    old = programs(tmp_path / "bin", pg_config=str(tmp_path))
    with pytest.raises(WrongDatabaseVersion, match=r"PostGIS 3\.2"):
        Cluster(tmp_path / "data", postgres_bin=old).start()


def test_a_folder_of_another_major_version_is_left_as_it_is(folder: Path) -> None:
    (folder / "pgdata").mkdir(parents=True)
    (folder / "pgdata" / "PG_VERSION").write_text("14\n")
    with pytest.raises(WrongDatabaseVersion, match="made by PostgreSQL 14") as caught:
        Cluster(folder).start()
    assert "gisgrid db backup" in str(caught.value)
    assert [each.name for each in folder.iterdir()] == ["pgdata"]
