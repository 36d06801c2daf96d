"""Databases of earlier versions are brought up to date, with what they hold."""

from __future__ import annotations

from alembic import command
from sqlalchemy import NullPool, create_engine, text

from gisgrid.store.database import Database
from gisgrid.store.migrate import _config, upgrade
from gisgrid.store.server import Role, Server

BEFORE_PATHS = """
INSERT INTO gisgrid.plan (territory_zh, territory_en, title_zh, title_en)
    VALUES ('城', 'City', '稿', 'Draft');
INSERT INTO gisgrid.edit (plan_id, number, operation, summary_zh, summary_en, by_login, holders)
    SELECT id, 1, 'split', '分割', 'Cut', 'somebody', '{}' FROM gisgrid.plan;
INSERT INTO gisgrid.edit_change (edit_id, grid_uid, before, after)
    SELECT e.id, c.uid, c.before, c.after FROM gisgrid.edit e, (VALUES
        ('T1', '{"path": ["CITY", "WEST", "T1"]}'::jsonb, '{"path": ["CITY", "EAST", "T1"]}'::jsonb),
        ('T9', NULL, '{"path": ["CITY", "EAST", "T9"]}'::jsonb)) c(uid, before, after);
"""


def test_edits_made_before_are_known_to_whom_they_concern(server: Server, database: Database) -> None:
    engine = create_engine(server.url(Role.OWNER, database._name), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA gisgrid CASCADE"))
        connection.execute(text("CREATE SCHEMA gisgrid"))
        command.upgrade(_config(connection), "0006")
        connection.exec_driver_sql(BEFORE_PATHS)
    upgrade(server, database._name)
    with engine.connect() as connection:
        path = connection.scalar(text("SELECT path FROM gisgrid.edit"))
    assert sorted(path or ()) == ["CITY", "EAST", "T1", "T9", "WEST"]
