"""What there is to know about the database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import psycopg

from gisgrid.store.preparation import postgis_version, slow_boxes
from gisgrid.store.server import Role, Server
from gisgrid.text import Text


class ClusterState(StrEnum):
    """What becomes of a request to the database."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"


@dataclass(frozen=True)
class ClusterStatus:
    """What `gisgrid db status` tells.

    Parameters
    ----------
    state : ClusterState
    private : bool
        Whether it is gisgrid's own cluster.
    where : str
        The data folder, or the server's address.
    version, postgis : str, optional
        Of the running server and of the extension in gisgrid's database.
    installed : str, optional
        The version on disk, which the next start will use.
    size_bytes : int, optional
        Of the database.
    warnings : tuple of Text
    """

    state: ClusterState
    private: bool
    where: str
    version: str | None = None
    postgis: str | None = None
    installed: str | None = None
    size_bytes: int | None = None
    warnings: tuple[Text, ...] = ()


def look(reached: Server, where: str, installed: str | None = None) -> ClusterStatus:
    """Ask a server about itself; one that does not let us in counts as stopped."""
    try:
        connection = reached.connect(Role.OWNER)
    except psycopg.OperationalError:
        return ClusterStatus(ClusterState.STOPPED, reached.private, where, installed=installed)
    with connection:
        version = connection.info.parameter_status("server_version") or ""
        size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        slow = slow_boxes(connection)
        return ClusterStatus(
            ClusterState.RUNNING,
            reached.private,
            where,
            version=version.split(" ")[0],
            postgis=postgis_version(connection),
            installed=installed,
            size_bytes=None if size is None else size[0],
            warnings=() if slow is None else (slow,),
        )
