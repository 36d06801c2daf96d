"""Find PostgreSQL's programs, and say how to install them where they are missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gisgrid.errors import MissingServer, WrongDatabaseVersion
from gisgrid.text import Text

OLDEST_POSTGRES = 15
OLDEST_POSTGIS = (3, 3)

NEEDED = ("initdb", "postgres", "pg_ctl", "pg_dump", "pg_restore")

PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/usr/pgsql-*/bin",  # Red Hat and its kin
    "/usr/local/pgsql/bin",
)

INSTALL = Text(
    zh="安装：Debian/Ubuntu 执行 apt-get install postgresql postgresql-postgis"
    "（或 postgresql-15-postgis-3）；macOS 执行 brew install postgis。"
    "装在别处时用 GISGRID_POSTGRES_BIN 指定程序目录。",
    en="Install it: apt-get install postgresql postgresql-postgis (or postgresql-15-postgis-3) on Debian and "
    "Ubuntu, brew install postgis on macOS. Installed elsewhere: set GISGRID_POSTGRES_BIN to the folder of "
    "its programs.",
)


@dataclass(frozen=True)
class PostgresTools:
    """The programs of one PostgreSQL installation.

    Parameters
    ----------
    folder : Path
        Where `initdb`, `postgres`, `pg_ctl`, `pg_dump` and `pg_restore` are.
    """

    folder: Path

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.folder / name)

    @cached_property
    def version(self) -> tuple[int, int]:
        """Major and minor version, (15, 18) for example; (0, 0) if the program does not say."""
        found = re.search(r"\) (\d+)(?:\.(\d+))?", _output(self.program("postgres"), "--version"))
        return (int(found[1]), int(found[2] or 0)) if found else (0, 0)

    @cached_property
    def postgis(self) -> tuple[int, ...] | None:
        """The version of PostGIS installed for it, or None."""
        shared = _output(self.program("pg_config"), "--sharedir")
        control = Path(shared) / "extension" / "postgis.control"
        if not shared or not control.is_file():
            return None
        found = re.search(r"default_version\s*=\s*'(\d+)\.(\d+)", control.read_text(encoding="utf-8"))
        return (int(found[1]), int(found[2])) if found else None


def find_tools(folder: Path | None = None, *, major: int | None = None) -> PostgresTools:
    """Find an installation that has everything, the newest first.

    Parameters
    ----------
    folder : Path, optional
        Look here only.
    major : int, optional
        The version that an existing data folder needs.

    Raises
    ------
    MissingServer
        If PostgreSQL, or PostGIS for it, is not installed.
    WrongDatabaseVersion
        If what is installed is too old, or is not the version that the data folder needs.
    """
    found = [each for each in _installations(folder) if each.version != (0, 0)]
    if not found:
        raise MissingServer(
            Text(zh="没有找到 PostgreSQL。", en="PostgreSQL was not found."),
            where="" if folder is None else str(folder),
            todo=INSTALL,
        )
    if major is not None:
        found = _of_major(found, major)
    recent = [each for each in found if each.version[0] >= OLDEST_POSTGRES]
    if not recent:
        version = ".".join(map(str, found[0].version))
        raise WrongDatabaseVersion(
            Text(
                zh=f"已装的 PostgreSQL 是 {version}，需要 {OLDEST_POSTGRES} 或更新。",
                en=f"PostgreSQL {version} is installed; {OLDEST_POSTGRES} or newer is needed.",
            ),
            where=str(found[0].folder),
            todo=INSTALL,
        )
    return _with_postgis(recent)


def _of_major(found: list[PostgresTools], major: int) -> list[PostgresTools]:
    fitting = [each for each in found if each.version[0] == major]
    if fitting:
        return fitting
    here = ", ".join(sorted({str(each.version[0]) for each in found}))
    raise WrongDatabaseVersion(
        Text(
            zh=f"数据目录由 PostgreSQL {major} 建立，本机只有 {here}。",
            en=f"The data folder was made by PostgreSQL {major}; only {here} is installed.",
        ),
        todo=Text(
            zh=f"请装回 PostgreSQL {major} 及其 PostGIS，执行 gisgrid db backup；"
            "再换一个空的 GISGRID_DATA_DIR，用新版本执行 gisgrid db restore。原目录不会被改动。",
            en=f"Install PostgreSQL {major} and its PostGIS again and run gisgrid db backup; then, with an "
            "empty GISGRID_DATA_DIR and the new version, gisgrid db restore. The folder was left as it is.",
        ),
    )


def _with_postgis(recent: list[PostgresTools]) -> PostgresTools:
    for each in recent:
        if each.postgis is not None and each.postgis >= OLDEST_POSTGIS:
            return each
    version = recent[0].version[0]
    old = [each.postgis for each in recent if each.postgis is not None]
    needed = ".".join(map(str, OLDEST_POSTGIS))
    if old:
        have = ".".join(map(str, max(old)))
        raise WrongDatabaseVersion(
            Text(
                zh=f"已装的 PostGIS 是 {have}，需要 {needed} 或更新。",
                en=f"PostGIS {have} is installed; {needed} or newer is needed.",
            ),
            todo=INSTALL,
        )
    raise MissingServer(
        Text(
            zh=f"PostgreSQL {version} 已装，但没有装 PostGIS。",
            en=f"PostgreSQL {version} is installed, but PostGIS is not.",
        ),
        where=str(recent[0].folder),
        todo=INSTALL,
    )


def _installations(folder: Path | None) -> list[PostgresTools]:
    """Whatever is complete, the newest first."""
    folders = dict.fromkeys([folder] if folder is not None else _likely_folders())
    complete = [each for each in folders if all(os.access(each / name, os.X_OK) for name in NEEDED)]
    return sorted(map(PostgresTools, complete), key=lambda tools: tools.version, reverse=True)


def _likely_folders() -> Iterator[Path]:
    for pattern in PLACES:
        yield from Path("/").glob(pattern.lstrip("/"))
    for name in ("pg_config", "postgres"):
        program = shutil.which(name)
        if program is None:
            continue
        told = _output(program, "--bindir") if name == "pg_config" else str(Path(program).parent)
        if told:
            yield Path(told)


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
