"""A private PostGIS for the tests, and a fresh migrated database for each that asks."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gisgrid.importing.demo import load_demo
from gisgrid.store.cluster import Cluster
from gisgrid.store.database import Database
from gisgrid.store.migrate import upgrade
from gisgrid.store.server import Role, Server

_TEMPLATE = "template_gisgrid"
_PANJIN_TEMPLATE = "template_panjin"
PANJIN = Path(__file__).parents[1] / "data" / "panjin"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A cluster of the test run's own, stopped at its end."""
    # Under /tmp, not pytest's own folder, which is closed to the user that PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="gg") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "data")
        server = cluster.start()
        upgrade(server)
        with server.connect(Role.SUPERUSER, "postgres") as connection:
            # A power cut may cost the tests their databases; they make hundreds.
            for habit in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {habit} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"ALTER DATABASE {server.database} RENAME TO {_TEMPLATE}")
        yield server
        cluster.stop()


@contextmanager
def own_database(server: Server, name: str | None = None, template: str = _TEMPLATE) -> Iterator[Database]:
    """A migrated database, empty unless the template is not, dropped at the end."""
    name = name or f"gg_{uuid.uuid4().hex[:12]}"
    _copy(server, template, name)
    database = Database(server, database=name)
    yield database
    database.close()
    with server.connect(Role.SUPERUSER, "postgres") as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _copy(server: Server, template: str, name: str) -> None:
    with server.connect(Role.SUPERUSER, "postgres") as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER gisgrid_owner")


@contextmanager
def panjin_database(server: Server, name: str | None = None) -> Iterator[Database]:
    """A database with the demo region, which is loaded once a run; dropped at the end."""
    with server.connect(Role.SUPERUSER, "postgres") as connection:
        query = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)"
        is_loaded = connection.execute(query, (_PANJIN_TEMPLATE,)).fetchone()
    if is_loaded == (False,):
        loaded = Database(server, database=f"{_PANJIN_TEMPLATE}_of")
        _copy(server, _TEMPLATE, f"{_PANJIN_TEMPLATE}_of")
        load_demo(loaded, PANJIN)
        loaded.close()
        with server.connect(Role.SUPERUSER, "postgres") as connection:
            connection.execute(f"ALTER DATABASE {_PANJIN_TEMPLATE}_of RENAME TO {_PANJIN_TEMPLATE}")
    with own_database(server, name, _PANJIN_TEMPLATE) as database:
        yield database


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A migrated, empty database of the test's own."""
    with own_database(server) as database:
        yield database


@pytest.fixture
def panjin_data(server: Server) -> Iterator[Database]:
    """A database of the test's own with the demo region."""
    with panjin_database(server) as database:
        yield database
