"""As whom PostgreSQL runs: it refuses root, and its user must be able to reach its folder."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gisgrid.errors import UnusableFolder
from gisgrid.text import Text

STAND_INS = ("postgres", "nobody")
"""Who runs PostgreSQL for root, the first that exists."""

_FIRST_CLOSED = 'for folder in "$@"; do test -x "$folder" || { printf %s "$folder"; exit 1; }; done'


@dataclass(frozen=True)
class Account:
    """A user of the operating system.

    Parameters
    ----------
    name : str
    uid, gid : int
    """

    name: str
    uid: int
    gid: int

    @classmethod
    def for_folder(cls, folder: Path) -> Account:
        """Whoever owns the folder already, or whoever is to own it.

        Raises
        ------
        UnusableFolder
            If the folder is another user's.
        """
        me = os.geteuid()
        owner = folder.stat().st_uid if folder.exists() else None
        if owner not in (None, me) and me != 0:
            raise another_users(folder)
        if me != 0:
            return cls._of(pwd.getpwuid(me))
        if owner not in (None, 0):
            return cls._of(pwd.getpwuid(owner))
        for name in STAND_INS:
            try:
                return cls._of(pwd.getpwnam(name))
            except KeyError:
                continue
        raise UnusableFolder(
            Text(
                zh="PostgreSQL 不能以 root 运行，而系统里没有 postgres 用户。",
                en="PostgreSQL does not run as root, and there is no user postgres.",
            ),
            todo=Text(
                zh="请建立用户（useradd --system postgres），或以普通用户运行 gisgrid。",
                en="Make one (useradd --system postgres), or run gisgrid as an ordinary user.",
            ),
        )

    @classmethod
    def _of(cls, entry: pwd.struct_passwd) -> Account:
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    def run(
        self, command: Sequence[str], folder: Path, *, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, in a folder, and keep what it says (stdout and stderr as one)."""
        changed = os.geteuid() != self.uid
        # Nothing of our environment: no GISGRID_ or PG variable may reach the server and its log.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(folder)}
        return subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env=environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            user=self.uid if changed else None,
            group=self.gid if changed else None,
            extra_groups=[] if changed else None,
        )

    def make(self, folder: Path) -> None:
        """Make a folder that this user alone can enter."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if found.st_uid == os.geteuid() != self.uid and not folder.is_symlink():
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)

    def must_reach(self, folder: Path) -> None:
        """Make sure that this user can enter a folder, through all its parents.

        Raises
        ------
        UnusableFolder
            If not; names the first that is closed, and a folder that works.
        """
        above = [str(each) for each in reversed(folder.parents)]
        asked = self.run(["/bin/sh", "-c", _FIRST_CLOSED, "sh", *above, str(folder)], Path("/"))
        if asked.returncode == 0:
            return
        raise UnusableFolder(
            Text(
                zh=f"用户 {self.name} 运行数据库，但进不了数据目录。",
                en=f"The database runs as {self.name}, who cannot enter the data folder.",
            ),
            where=asked.stdout or str(folder),
            todo=Text(
                zh="请换一个目录，例如 GISGRID_DATA_DIR=/var/lib/gisgrid，或以普通用户运行 gisgrid。",
                en="Use another folder, GISGRID_DATA_DIR=/var/lib/gisgrid for example, or run gisgrid as an "
                "ordinary user.",
            ),
        )


def another_users(folder: Path) -> UnusableFolder:
    """The error for a folder that belongs to somebody else."""
    uid = folder.stat().st_uid
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return UnusableFolder(
        Text(
            zh=f"数据目录属于另一个用户（{name}）。", en=f"The data folder belongs to another user ({name})."
        ),
        where=str(folder),
        todo=Text(
            zh="请以该用户运行 gisgrid，或用 GISGRID_DATA_DIR 指定自己的目录。",
            en="Run gisgrid as that user, or choose a folder of your own with GISGRID_DATA_DIR.",
        ),
    )
