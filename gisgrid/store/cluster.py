"""The private PostGIS cluster: made, started, stopped and looked at, whatever state it was left in."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from sqlalchemy import URL

from gisgrid.errors import StoreError, UnusableFolder
from gisgrid.settings import Settings
from gisgrid.store import own_server
from gisgrid.store.account import Account, another_users
from gisgrid.store.credentials import keep_credentials, read_credentials, scram_verifier
from gisgrid.store.failures import did_not_start, disk_full, is_disk_full, turned_away
from gisgrid.store.layout import PORT, Layout
from gisgrid.store.postgres_tools import PostgresTools, find_tools
from gisgrid.store.postmaster import end_orphans, orphans, postmaster
from gisgrid.store.preparation import prepare
from gisgrid.store.server import USERS, Role, Server
from gisgrid.store.status import ClusterState, ClusterStatus, look
from gisgrid.text import Text

__all__ = ["Cluster", "ClusterState", "ClusterStatus", "Role", "Server", "cluster", "server", "server_status"]

LOCK_WAIT_S = 180.0
START_WAIT_S = 90.0
ORPHAN_WAIT_S = 5.0
"""Idle backends leave at once when the postmaster dies; one that computes may not notice for minutes."""

ROOM_TO_START = 200 * 2**20
"""Bytes: a new cluster with PostGIS takes 60 MB, its first WAL segments as much again."""


class Cluster:
    """A PostgreSQL cluster with PostGIS, in a folder of its own, reached by a unix socket.

    Parameters
    ----------
    folder : Path
        Made if absent. Root's must lie where the user `postgres` can reach it.
    postgres_bin : Path, optional
        PostgreSQL's programs; looked for if absent.
    """

    def __init__(self, folder: Path, *, postgres_bin: Path | None = None) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 (keeps links)
        self._layout = Layout(self.folder)
        self._postgres_bin = postgres_bin

    def start(self) -> Server:
        """Have the cluster run, prepared, and say how to reach it; at once if it already does.

        Raises
        ------
        MissingServer, WrongDatabaseVersion
            If PostgreSQL or PostGIS is missing, too old, or not the folder's version.
        UnusableFolder
            If the folder is another user's, or PostgreSQL's user cannot reach it.
        DiskFull, StoreError
            If PostgreSQL does not start; the reason in its own words.
        """
        tools = find_tools(self._postgres_bin, major=self._major())
        with self._lock():
            account = Account.for_folder(self._layout.pgdata)
            account.must_reach(self.folder)
            reached = self._reached(keep_credentials(self._layout.credentials))
            if not self._layout.pgdata.exists():
                self._make(tools, account, reached)
            self._have_running(tools, account)
            if not _knows_password(reached):
                self._teach_password(tools, account, reached)
            if self._running_version(reached) != tools.version:
                self._halt(tools, account)
                self._launch(tools, account)
            self._prepare(reached)
        return reached

    def stop(self) -> None:
        """End the cluster, and with it all connections; nothing acknowledged is lost."""
        if not self._layout.pgdata.exists():
            return
        with self._lock():
            tools = find_tools(self._postgres_bin, major=self._major())
            self._halt(tools, Account.for_folder(self._layout.pgdata))

    def status(self) -> ClusterStatus:
        """Look, and change nothing."""
        if not self._layout.pgdata.exists():
            return ClusterStatus(ClusterState.ABSENT, True, str(self.folder))
        if not os.access(self.folder, os.R_OK | os.X_OK) or self.folder.stat().st_uid != os.geteuid():
            raise another_users(self.folder)
        tools = find_tools(self._postgres_bin, major=self._major())
        installed = ".".join(map(str, tools.version))
        answer = self._ping()
        if answer != pq.Ping.OK:
            alive = answer == pq.Ping.REJECT or postmaster(self._layout.pgdata) is not None
            state = ClusterState.STARTING if alive else ClusterState.STOPPED
            return ClusterStatus(state, True, str(self.folder), installed=installed)
        reached = self._reached(read_credentials(self._layout.credentials))
        return replace(look(reached, str(self.folder), installed), state=ClusterState.RUNNING)

    def _reached(self, passwords: Mapping[Role, SecretStr]) -> Server:
        address = URL.create("postgresql", port=PORT, query={"host": str(self._layout.socket)})
        return Server(address, USERS, passwords)

    # Making it

    def _make(self, tools: PostgresTools, account: Account, reached: Server) -> None:
        """initdb beside the final place, so that an interrupted one is never taken for a cluster."""
        self._must_have_room()
        unfinished = self.folder / "pgdata.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        account.make(unfinished)
        word = self.folder / "initdb.password"
        word.unlink(missing_ok=True)
        with os.fdopen(os.open(word, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(reached.passwords[Role.SUPERUSER].get_secret_value() + "\n")
        try:
            if os.geteuid() != account.uid:
                os.chown(word, account.uid, account.gid)
            command = [
                tools.program("initdb"), "-D", str(unfinished), "-U", USERS[Role.SUPERUSER], "-E", "UTF8",
                "--auth=scram-sha-256", f"--pwfile={word}", "--data-checksums", "--no-instructions",
                f"--locale={_locale()}",
            ]  # fmt: skip
            made = account.run(command, self.folder)
        finally:
            word.unlink()
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise disk_full(self.folder) if is_disk_full(made.stdout) else did_not_start(made.stdout)
        unfinished.rename(self._layout.pgdata)

    def _prepare(self, reached: Server) -> None:
        try:
            with reached.connect(Role.SUPERUSER, "postgres") as connection:
                _ensure_database(connection, reached)
            with reached.connect(Role.SUPERUSER) as connection:
                prepare(connection, reached)
        except psycopg.errors.DiskFull:
            raise disk_full(self.folder) from None
        except psycopg.OperationalError as error:
            raise turned_away(error) from None

    def _teach_password(self, tools: PostgresTools, account: Account, reached: Server) -> None:
        """The credentials were lost: whoever owns the folder may set a new password."""
        self._halt(tools, account)
        self._ready_files(account)
        verifier = scram_verifier(reached.passwords[Role.SUPERUSER].get_secret_value())
        statement = f"ALTER ROLE {USERS[Role.SUPERUSER]} PASSWORD '{verifier}'\n"
        settings = f"config_file={self._layout.settings}"
        command = [tools.program("postgres"), "--single", "-D", str(self._layout.pgdata), "-c", settings]
        done = account.run(
            [*command, "-c", "logging_collector=off", "postgres"], self.folder, stdin=statement
        )
        if done.returncode != 0 or "ERROR" in done.stdout or "FATAL" in done.stdout:
            raise did_not_start(done.stdout)
        self._launch(tools, account)

    # Starting and stopping it

    def _have_running(self, tools: PostgresTools, account: Account) -> None:
        if self._wait_while(pq.Ping.REJECT) == pq.Ping.OK:
            return
        if postmaster(self._layout.pgdata) is not None:  # alive, but its socket was removed
            self._halt(tools, account)
        self._launch(tools, account)

    def _launch(self, tools: PostgresTools, account: Account) -> None:
        self._must_have_room()
        self._ready_files(account)
        began = time.monotonic()
        while True:
            told = self._try_launch(tools, account)
            waited = time.monotonic() - began
            if told is None:
                return
            if is_disk_full(told):
                raise disk_full(self.folder)
            lingering = "shared memory block" in told or "already exists" in told
            if not lingering or waited > START_WAIT_S:
                raise did_not_start(told, self._layout.log)
            if postmaster(self._layout.pgdata) is None:
                self._forget_stale_pid()
                if waited > ORPHAN_WAIT_S:
                    end_orphans(self._layout.name)
            time.sleep(0.2)

    def _try_launch(self, tools: PostgresTools, account: Account) -> str | None:
        """Start once; what PostgreSQL said, if it did not."""
        log = self._layout.log / "start.log"
        before = log.stat().st_size if log.exists() else 0
        options = f"-c {shlex.quote(f'config_file={self._layout.settings}')}"  # pg_ctl hands it to a shell
        command = [
            tools.program("pg_ctl"), "start", "-D", str(self._layout.pgdata), "-l", str(log), "-o", options,
            "-w", "-t", str(int(START_WAIT_S)),
        ]  # fmt: skip
        done = account.run(command, self.folder)
        if done.returncode == 0:
            return None
        told = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
        return told + done.stdout

    def _halt(self, tools: PostgresTools, account: Account) -> None:
        """Only if the pid is our postmaster's: pg_ctl would signal whoever has the number now."""
        for mode in ("fast", "immediate"):
            if postmaster(self._layout.pgdata) is None:
                return
            command = ["stop", "-w", "-t", "30", "-m", mode, "-D", str(self._layout.pgdata)]
            account.run([tools.program("pg_ctl"), *command], self.folder)
        if postmaster(self._layout.pgdata) is not None:
            raise StoreError(
                Text(zh="数据库停不下来。", en="The database does not stop."),
                where=str(self.folder),
                todo=Text(
                    zh="请稍等后重试；日志在该目录的 log 里。",
                    en="Wait and try again; the log is in that folder.",
                ),
            )

    def _forget_stale_pid(self) -> None:
        """A pid file whose number another process has now; a live backend still holds the shared memory."""
        if not orphans(self._layout.name):
            (self._layout.pgdata / "postmaster.pid").unlink(missing_ok=True)
            (self._layout.socket / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    # Looking at it

    def _ping(self) -> pq.Ping:
        conninfo = make_conninfo(host=str(self._layout.socket), port=PORT, connect_timeout=5)
        return pq.Ping(pq.PGconn.ping(conninfo.encode()))

    def _wait_while(self, answer: pq.Ping) -> pq.Ping:
        deadline = time.monotonic() + START_WAIT_S
        while (found := self._ping()) == answer and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _running_version(self, reached: Server) -> tuple[int, int]:
        with reached.connect(Role.SUPERUSER, "postgres") as connection:
            return divmod(connection.info.server_version, 10_000)

    def _major(self) -> int | None:
        try:
            return int((self._layout.pgdata / "PG_VERSION").read_text().strip().split(".")[0])
        except FileNotFoundError:
            return None
        except PermissionError:
            raise another_users(self.folder) from None
        except ValueError:
            raise did_not_start("PG_VERSION is damaged") from None

    # Its files

    def _ready_files(self, account: Account) -> None:
        account.make(self._layout.log)
        self._layout.make_socket_folder(account)
        self._layout.write_settings()

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        self._make_folder()
        with self._layout.lock.open("a") as stream:
            deadline = time.monotonic() + LOCK_WAIT_S
            while True:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise _busy(self.folder) from None
                    time.sleep(0.05)
            yield

    def _make_folder(self) -> None:
        """For root enterable by PostgreSQL's user, whatever the umask; otherwise for its user alone."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        missing = [each for each in [self.folder, *self.folder.parents] if not each.exists()]
        try:
            for each in reversed(missing):
                with contextlib.suppress(FileExistsError):  # another process was faster
                    each.mkdir()
                    each.chmod(mode)
            found = self.folder.stat()
        except OSError as error:
            raise UnusableFolder(
                Text(zh="数据目录建不了。", en="The data folder cannot be made."),
                where=f"{self.folder} ({error.strerror})",
                todo=Text(
                    zh="请用 GISGRID_DATA_DIR 指定一个可写的目录。",
                    en="Choose a folder that you may write with GISGRID_DATA_DIR.",
                ),
            ) from None
        if found.st_uid != os.geteuid():
            raise another_users(self.folder)

    def _must_have_room(self) -> None:
        if shutil.disk_usage(self.folder).free < ROOM_TO_START:
            raise disk_full(self.folder)


def cluster(settings: Settings) -> Cluster:
    """The private cluster of these settings."""
    return Cluster(settings.data_dir / "postgres", postgres_bin=settings.postgres_bin)


def server(settings: Settings) -> Server:
    """The database to use: a server of one's own if one is named, otherwise the private cluster, started.

    Raises
    ------
    StoreError
        If it cannot be had.
    """
    if settings.database_url is not None:
        return own_server.reach(settings)
    return cluster(settings).start()


def server_status(settings: Settings) -> ClusterStatus:
    """What there is to know about the database; starts nothing."""
    if settings.database_url is None:
        return cluster(settings).status()
    named = own_server.named(settings)
    return look(named, f"{named.address.host or 'localhost'}/{named.database}")


def _ensure_database(connection: psycopg.Connection, reached: Server) -> None:
    owner = sql.Identifier(reached.users[Role.OWNER])
    known = "SELECT FROM pg_roles WHERE rolname = %s"
    if connection.execute(known, (reached.users[Role.OWNER],)).fetchone() is None:
        attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
        connection.execute(sql.SQL(f"CREATE ROLE {{}} {attributes}").format(owner))
    found = connection.execute(
        "SELECT datallowconn FROM pg_database WHERE datname = %s", (reached.database,)
    ).fetchone()
    name = sql.Identifier(reached.database)
    if found is None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    elif not found[0]:  # a restore was killed while it changed the databases over
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def _knows_password(reached: Server) -> bool:
    """Whether the credentials fit; they do not, if they were lost or those of another cluster."""
    try:
        reached.connect(Role.SUPERUSER, "postgres").close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            return False
        raise turned_away(error) from None
    return True


def _busy(folder: Path) -> StoreError:
    return StoreError(
        Text(
            zh="另一个 gisgrid 正在启动或停止数据库。",
            en="Another gisgrid is starting or stopping the database.",
        ),
        where=str(folder),
        todo=Text(zh="请稍等后重试。", en="Wait for it, and try again."),
    )


def _locale() -> str:
    """Code-point order, and letters known as letters, Chinese ones too (trigrams need that)."""
    return "en_US.UTF-8" if os.uname().sysname == "Darwin" else "C.UTF-8"
