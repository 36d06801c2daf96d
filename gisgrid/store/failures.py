"""What PostgreSQL says when it does not start, or gives up, in words that help."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import psycopg
from sqlalchemy.exc import DBAPIError

from gisgrid.errors import DiskFull, StoreError
from gisgrid.text import Text


def is_disk_full(told: str) -> bool:
    """Whether a program of PostgreSQL complained about space."""
    return re.search(r"No space left on device|Disk quota exceeded|wrote only \d+ of", told) is not None


def disk_full(folder: Path) -> DiskFull:
    """The error for a disk without space."""
    free = shutil.disk_usage(folder).free // 2**20
    return DiskFull(
        Text(zh="磁盘空间不足。", en="The disk is full."),
        where=f"{folder} ({free} MB)",
        todo=Text(
            zh="请腾出空间后重试；已确认的数据没有丢失。",
            en="Free some space and try again; nothing acknowledged was lost.",
        ),
    )


def turned_away(error: psycopg.OperationalError) -> StoreError:
    """The error for a server that runs and does not take a connection."""
    return StoreError(
        Text(zh="数据库此刻不接受连接。", en="The database takes no connection at the moment."),
        where=(str(error).strip().splitlines() or [""])[-1],
        todo=Text(zh="请稍后重试。", en="Try again in a while."),
    )


def told_by_database(error: Exception) -> StoreError | None:
    """The error for what a statement came back with, if it is none of ours: no space, no server."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return None
    reason = (str(cause).strip().splitlines() or [""])[0]
    state = cause.sqlstate or ""
    if state == "53100":
        return DiskFull(
            Text(
                zh="数据库的磁盘空间不足，没有写入。", en="The database's disk is full; nothing was written."
            ),
            where=reason,
            todo=Text(
                zh="请腾出空间后重试；已确认的数据没有丢失。",
                en="Free some space and try again; nothing acknowledged was lost.",
            ),
        )
    if state[:2] == "08" or state[:3] == "57P" or (not state and isinstance(cause, psycopg.OperationalError)):
        return StoreError(
            Text(
                zh="数据库中途断开，没有写入。", en="The database went away meanwhile; nothing was written."
            ),
            where=reason,
            todo=Text(
                zh="请运行 gisgrid db start 后重试；已确认的数据没有丢失。",
                en="Run gisgrid db start and try again; nothing acknowledged was lost.",
            ),
        )
    return None


def did_not_start(told: str, log: Path | None = None) -> StoreError:
    """The error for everything else, with PostgreSQL's last complaint."""
    newest = (
        max(log.glob("postgresql-*.log"), key=lambda file: file.stat().st_mtime, default=None)
        if log
        else None
    )
    lines = [line.strip() for line in told.splitlines()]
    if newest is not None:
        lines = newest.read_text(encoding="utf-8", errors="replace").splitlines()[-20:] + lines
    grave = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    reason = (grave or [line for line in lines if line] or [""])[-1]
    if log and is_disk_full(reason):
        return disk_full(log)
    return StoreError(
        Text(zh="PostgreSQL 没有启动。", en="PostgreSQL did not start."),
        where=reason,
        todo=Text(
            zh=f"请按上面的原因处理后重试{f'；日志在 {log}' if log else ''}。",
            en=f"Mend what it complains about and try again{f'; the log is in {log}' if log else ''}.",
        ),
    )
