"""The whole database into one file, and back: a bad file or a full disk loses nothing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from gisgrid.errors import BadBackup, GisgridError, OutputError, StoreError
from gisgrid.store.failures import disk_full, is_disk_full
from gisgrid.store.postgres_tools import PostgresTools
from gisgrid.store.preparation import prepare
from gisgrid.store.server import Role, Server
from gisgrid.text import Text

MAINTENANCE = "postgres"

_NO_ROOM = 2**20
"""Bytes; a partial file that fills the disk is still there when we look."""

MARK = re.compile(r"^\d+; \d+ \d+ SCHEMA - gisgrid ", re.MULTILINE)
"""Every backup of gisgrid has its schema; another database's does not."""

_MADE_BY_PREPARATION = re.compile(
    r" (EXTENSION - postgis|COMMENT - EXTENSION postgis|(TABLE DATA|ACL) \S+ (TABLE )?spatial_ref_sys"
    r"|ACL public FUNCTION)\b"
)
"""PostGIS is there before the restore, which runs as the owner: a forged file gets no superuser."""


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself.

    Parameters
    ----------
    entries : str
        Its table of contents, as pg_restore lists it.
    made_at : str
    server_version : int
        Major version of the server it comes from; 0 if it does not say.
    """

    entries: str
    made_at: str
    server_version: int


def backup(server: Server, file: Path, tools: PostgresTools, *, overwrite: bool = False) -> int:
    """Write everything into one file, readable by its owner only.

    Parameters
    ----------
    server : Server
    file : Path
        Appears only when it is complete.
    tools : PostgresTools
    overwrite : bool
        Whether to replace an existing file.

    Returns
    -------
    int
        Its size, bytes.

    Raises
    ------
    OutputError, DiskFull
        If the file cannot be written, or exists.
    StoreError
        If the server refuses, or names no superuser: row-level security hides rows from everybody else.
    """
    if file.exists() and not overwrite:
        raise OutputError(
            Text(zh="备份文件已存在。", en="The backup file exists already."),
            where=str(file),
            todo=Text(zh="请换个文件名，或加 --overwrite。", en="Choose another name, or add --overwrite."),
        )
    failed = Text(zh="备份没有完成。", en="The backup failed.")
    with _partial(file) as (partial, descriptor):
        dump = [tools.program("pg_dump"), "-Fc", f"--file={partial}"]
        done = _run(dump, server, Role.SUPERUSER)
        if done.returncode == 0:  # read all of it: a full disk may go unnoticed until then
            done = _run([tools.program("pg_restore"), f"--file={os.devnull}", str(partial)])
        if done.returncode != 0:
            raise _failed(StoreError, done.stderr, file, failed)
        os.fsync(descriptor)
        partial.rename(file)
    return file.stat().st_size


def restore(
    server: Server, file: Path, tools: PostgresTools, *, finish: Callable[[Server], None] = lambda _: None
) -> None:
    """Replace the database by what a backup holds.

    The backup goes into a database beside the present one, which takes its
    place in one transaction at the very end.

    Parameters
    ----------
    server : Server
    file : Path
    tools : PostgresTools
    finish : callable
        Called with the new database before it takes the place of the old, to bring it up to date.

    Raises
    ------
    BadBackup
        If the file is no backup of gisgrid, is damaged, or comes from a newer server.
    StoreError
        If anything else fails. In every case the present database is as it was.
    """
    contents = read_contents(file, tools)
    fresh = replace(server, database=f"{server.database}_restoring")
    with server.connect(Role.SUPERUSER, MAINTENANCE) as connection:
        _refuse_newer(contents, file, connection.info.server_version // 10_000)
        _refuse_second(connection)
        for leftover in (fresh.database, _replaced(server)):
            _drop(connection, leftover)
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                sql.Identifier(fresh.database), sql.Identifier(server.users[Role.OWNER])
            )
        )
        try:
            _fill(fresh, file, contents, tools)
            finish(fresh)
            _swap(connection, server, fresh)
        except BaseException:
            _drop(connection, fresh.database)
            raise
        _drop(connection, _replaced(server))


def read_contents(file: Path, tools: PostgresTools) -> Contents:
    """Read what a backup says of itself.

    Raises
    ------
    BadBackup
        If it is no backup of gisgrid.
    """
    listed = _run([tools.program("pg_restore"), "--list", str(file)])
    if listed.returncode != 0 or not MARK.search(listed.stdout):
        raise BadBackup(
            Text(
                zh="这不是 gisgrid 的备份，或文件已损坏。",
                en="This is no backup of gisgrid, or it is damaged.",
            ),
            where=str(file),
            todo=Text(
                zh="请用 gisgrid db backup 写出的完整文件。数据库没有改动。",
                en="Give a complete file written by gisgrid db backup. The database was left as it is.",
            ),
        )
    made_at = re.search(r"^; Archive created at (.*)$", listed.stdout, re.MULTILINE)
    version = re.search(r"^;\s+Dumped from database version: (\d+)", listed.stdout, re.MULTILINE)
    return Contents(listed.stdout, made_at[1] if made_at else "", int(version[1]) if version else 0)


def _refuse_newer(contents: Contents, file: Path, major: int) -> None:
    if contents.server_version > major:
        raise BadBackup(
            Text(
                zh=f"备份来自 PostgreSQL {contents.server_version}，本机服务器是 {major}。",
                en=f"The backup comes from PostgreSQL {contents.server_version}; this server is {major}.",
            ),
            where=str(file),
            todo=Text(
                zh=f"请装 PostgreSQL {contents.server_version} 或更新后再恢复。",
                en=f"Install PostgreSQL {contents.server_version} or newer, then restore.",
            ),
        )


def _refuse_second(connection: psycopg.Connection) -> None:
    """Hold, until the connection closes, what a second restore would need."""
    got = connection.execute("SELECT pg_try_advisory_lock(hashtext('gisgrid.restore'))").fetchone()
    if got is None or not got[0]:
        raise StoreError(
            Text(zh="另一个恢复正在进行。", en="Another restore is under way."),
            todo=Text(zh="请等它结束后再试。", en="Wait for it, and try again."),
        )


def _fill(fresh: Server, file: Path, contents: Contents, tools: PostgresTools) -> None:
    with fresh.connect(Role.SUPERUSER) as connection:
        prepare(connection, fresh)
    kept = [line for line in contents.entries.splitlines() if not _MADE_BY_PREPARATION.search(line)]
    with tempfile.NamedTemporaryFile("w", prefix="gisgrid-", suffix=".list") as listing:
        listing.write("\n".join(kept))
        listing.flush()
        command = [tools.program("pg_restore"), "--exit-on-error", "--no-owner", "-L", listing.name]
        done = _run([*command, str(file)], fresh)
    if done.returncode != 0:
        what = Text(zh="备份恢复不了。", en="The backup cannot be restored.")
        raise _failed(BadBackup, done.stderr, file, what)
    with fresh.connect(Role.SUPERUSER) as connection:
        connection.execute("ANALYZE")


def _swap(connection: psycopg.Connection, server: Server, fresh: Server) -> None:
    """Both renames or none; whoever is connected has to connect again."""
    present, new, old = (
        sql.Identifier(name) for name in (server.database, fresh.database, _replaced(server))
    )
    _ = connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(present))
    try:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = ANY (%s)",
            ([server.database, fresh.database],),
        )
        with connection.transaction():
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(present, old))
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, present))
    except BaseException:
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(present))
        raise


def _replaced(server: Server) -> str:
    return f"{server.database}_replaced"


def _drop(connection: psycopg.Connection, database: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _run(
    command: list[str], server: Server | None = None, role: Role = Role.OWNER
) -> subprocess.CompletedProcess[str]:
    """Run a client program, as a role; the password goes by the environment, not the process list."""
    environment = {**os.environ, "LC_ALL": "C"}
    if server is not None:
        word = server.url(role).password
        environment |= {"PGPASSWORD": str(word)} if word else {}
        address = f"--dbname={server.libpq_url(role, password=False)}"
        command = [command[0], "--no-password", address, *command[1:]]
    return subprocess.run(  # noqa: S603
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


@contextlib.contextmanager
def _partial(file: Path) -> Iterator[tuple[Path, int]]:
    """A file beside the final one, mode 0600, gone again unless it was renamed."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)
    except OSError as error:
        raise OutputError(
            Text(zh="备份文件写不了。", en="The backup file cannot be written."),
            where=f"{file} ({error.strerror})",
            todo=Text(zh="请换一个可写的目录。", en="Choose a folder that you may write."),
        ) from None
    try:
        yield Path(name), descriptor
    finally:
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)


def _failed(kind: type[StoreError], told: str, file: Path, what: Text) -> GisgridError:
    if is_disk_full(told) or (kind is StoreError and shutil.disk_usage(file.parent).free < _NO_ROOM):
        return disk_full(file.parent)
    complaints = [line for line in told.splitlines() if "error:" in line]
    return kind(
        what,
        where=(complaints or told.splitlines() or [""])[0],
        todo=Text(
            zh="请按上面的原因处理后重试；现有数据没有改动。",
            en="Mend that and try again; nothing was changed.",
        ),
    )
