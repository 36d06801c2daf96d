"""The platform's database, as the operator's shell uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from gisgrid.errors import NotPrepared
from gisgrid.settings import settings
from gisgrid.store import cluster
from gisgrid.store.database import Database
from gisgrid.store.migrate import is_current
from gisgrid.store.server import Server
from gisgrid.text import Text


def prepared_server() -> Server:
    """The database server of this process's settings, with the tables of this version.

    Raises
    ------
    NotPrepared
        If the tables are missing, or another version's.
    """
    reached = cluster.server(settings())
    if not is_current(reached):
        raise NotPrepared(
            Text(
                zh="数据表还没有建立，或不是这个版本的。", en="The tables are missing, or another version's."
            ),
            todo=Text(zh="请运行 gisgrid db migrate。", en="Run gisgrid db migrate."),
        )
    return reached


@contextmanager
def on_platform() -> Iterator[Session]:
    """A transaction of the operator."""
    database = Database(prepared_server())
    try:
        with database.operating() as session:
            yield session
    finally:
        database.close()
