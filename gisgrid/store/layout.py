"""Where the private cluster keeps its files, and its settings."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from gisgrid.errors import UnusableFolder
from gisgrid.store.account import Account
from gisgrid.text import Text

PORT = 5432

LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103
"""Bytes of sockaddr_un.sun_path, less the closing zero."""

AUTHENTICATION = """\
# Written by gisgrid at every start. A password for everybody: whoever reaches the socket is nobody yet.
local all all scram-sha-256
"""

SETTINGS = """\
# Written by gisgrid at every start.
hba_file = {authentication}
cluster_name = {name}
listen_addresses = ''
port = {port}
unix_socket_directories = {socket}
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 60

# A server with little memory and short queries.
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off

# One file a weekday, then written anew. Neither statements nor values: there are secrets and people in them.
logging_collector = on
log_directory = {log}
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_file_mode = 0600
log_timezone = 'Asia/Shanghai'
log_line_prefix = '%m [%p] %q%u '
log_statement = 'none'
log_min_error_statement = panic
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse

timezone = 'Asia/Shanghai'
lc_messages = 'C'
"""


@dataclass(frozen=True)
class Layout:
    """The files of a private cluster.

    Parameters
    ----------
    folder : Path
        Absolute.
    """

    folder: Path

    @property
    def pgdata(self) -> Path:
        """What initdb made; belongs to whoever runs PostgreSQL, as do `log` and `socket`."""
        return self.folder / "pgdata"

    @property
    def log(self) -> Path:
        """The server's log files."""
        return self.folder / "log"

    @property
    def credentials(self) -> Path:
        """The passwords."""
        return self.folder / "credentials.json"

    @property
    def settings(self) -> Path:
        """postgresql.conf, out of reach of whoever runs PostgreSQL."""
        return self.folder / "postgresql.conf"

    @property
    def authentication(self) -> Path:
        """pg_hba.conf, likewise."""
        return self.folder / "pg_hba.conf"

    @property
    def lock(self) -> Path:
        """Held while the cluster is made, started or stopped."""
        return self.folder / "lock"

    @property
    def name(self) -> str:
        """Tells this cluster's processes from another's."""
        return "gisgrid-" + hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:10]

    @property
    def socket(self) -> Path:
        """The folder of the socket: here, or a short one of its own if the system cannot bear the path."""
        here = self.folder / "run"
        if len(os.fsencode(here / f".s.PGSQL.{PORT}.lock")) <= LONGEST_SOCKET_PATH:
            return here
        return Path("/tmp") / self.name  # noqa: S108 (the same for every process, whatever its TMPDIR)

    def make_socket_folder(self, account: Account) -> None:
        """Make the socket's folder, and see that nobody else did before.

        Raises
        ------
        UnusableFolder
            If somebody took its place.
        """
        folder = self.socket
        account.make(folder)
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
            raise UnusableFolder(
                Text(
                    zh="套接字目录已被他人占用。",
                    en="Somebody else has taken the place of the socket folder.",
                ),
                where=str(folder),
                todo=Text(
                    zh="请删除它，或用较短的 GISGRID_DATA_DIR。",
                    en="Remove it, or use a shorter GISGRID_DATA_DIR.",
                ),
            )

    def write_settings(self) -> None:
        """Write postgresql.conf and pg_hba.conf; an upgrade of gisgrid may bring new ones."""
        _replace(self.authentication, AUTHENTICATION)
        _replace(
            self.settings,
            SETTINGS.format(
                authentication=_quoted(self.authentication),
                name=f"'{self.name}'",
                port=PORT,
                socket=_quoted(self.socket),
                log=_quoted(self.log),
            ),
        )


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _replace(file: Path, text: str) -> None:
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    partial = file.with_suffix(".part")
    partial.write_text(text, encoding="utf-8")
    partial.chmod(0o644)
    partial.rename(file)
