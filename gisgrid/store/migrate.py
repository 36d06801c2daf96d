"""The database brought up to date: tables by Alembic, then access rules and triggers as the code says."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

from gisgrid.model import SCHEMA
from gisgrid.store import access, trail
from gisgrid.store.server import Role, Server
from gisgrid.store.turns import take_turn

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(server: Server, database: str | None = None) -> None:
    """Bring a database to the newest version; running it again changes nothing.

    Parameters
    ----------
    server : Server
    database : str, optional
        One beside gisgrid's own, for tests and restores.
    """
    url = server.url(Role.OWNER) if database is None else server.url(Role.OWNER, database)
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        take_turn(connection, "upgrade")
        connection.execute(text("SELECT set_config('gisgrid.operator', :who, true)"), {"who": operator()})
        if _rules_in_place(connection) == _rules():
            return  # or it would wait for whoever reads or writes just now, and they for it
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        command.upgrade(_config(connection), "head")
        for statement in (*access.statements(), *trail.statements()):
            connection.exec_driver_sql(statement)
        connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{_rules()}'"))


def _rules() -> str:
    """Names the migrations and rules of this version of the code."""
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    whole = "\n".join((str(head), *access.statements(), *trail.statements()))
    return f"gisgrid {hashlib.sha256(whole.encode()).hexdigest()}"


def _rules_in_place(connection: Connection) -> str | None:
    """What the last upgrade noted; None before the first."""
    named: str | None = connection.scalar(
        text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')"), {"schema": SCHEMA}
    )
    return named


def is_current(server: Server, database: str | None = None) -> bool:
    """Whether the tables are those of this version."""
    newest = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    with server.connect(Role.OWNER, database) as connection:
        made = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.alembic_version",)).fetchone()
        if made is None or made[0] is None:
            return False
        found = connection.execute(f"SELECT version_num FROM {SCHEMA}.alembic_version").fetchall()  # noqa: S608
    return [row[0] for row in found] == [newest]


def operator() -> str:
    """Who is at the shell, for the audit trail."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
