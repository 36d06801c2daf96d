"""A backup brings everything back; a bad one takes nothing away."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from gisgrid.errors import BadBackup, OutputError, StoreError
from gisgrid.store import backup as backups
from gisgrid.store.backup import backup, restore
from gisgrid.store.cluster import Role, Server
from gisgrid.store.database import Database
from gisgrid.store.postgres_tools import PostgresTools, find_tools

TABLE = """
CREATE TABLE gisgrid.pump (id int PRIMARY KEY, name text, phone text, place geometry(Point, 4490));
ALTER TABLE gisgrid.pump ENABLE ROW LEVEL SECURITY;
ALTER TABLE gisgrid.pump FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON gisgrid.pump FOR SELECT TO gisgrid_app, gisgrid_anonymous USING (id = 1);
CREATE POLICY all_of_it ON gisgrid.pump TO gisgrid_owner USING (true);
GRANT SELECT ON gisgrid.pump TO gisgrid_app;
GRANT SELECT (id, name) ON gisgrid.pump TO gisgrid_anonymous;
INSERT INTO gisgrid.pump VALUES (1, '红海滩泵站', '139', 'SRID=4490;POINT(122 41)'),
    (2, '辽河泵站', '138', NULL);
"""

RIGHTS = r"""
SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class
WHERE relnamespace = 'gisgrid'::regnamespace;
SELECT relname, a.* FROM pg_class,
  aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) a
WHERE relnamespace = 'gisgrid'::regnamespace AND relkind IN ('r', 'v', 'S');
SELECT tablename, policyname, roles::text, cmd, permissive,
  regexp_replace(concat(qual, '|', with_check), '::(character varying|text)(\[\])?|[()[:space:]]', '', 'g')
FROM pg_policies;
SELECT attrelid::regclass::text, attname, a.* FROM pg_attribute, aclexplode(attacl) a;
SELECT proname, prosecdef, proconfig, pg_get_userbyid(proowner), a.*
FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
WHERE pronamespace = 'gisgrid'::regnamespace;
SELECT proleakproof FROM pg_proc WHERE oid = 'geometry_overlaps(geometry,geometry)'::regprocedure;
SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal;
SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
WHERE datname = current_database()
"""


@pytest.fixture
def own(database: Database) -> Server:
    """A migrated database of the test's own, with a table under row-level security."""
    with database.operating() as session:
        name = session.execute(text("SELECT current_database()")).scalar_one()
    database.close()
    server = replace(database.server, database=name)
    with server.connect(Role.OWNER) as connection:
        connection.execute(TABLE)
    return server


@pytest.fixture(scope="session")
def tools() -> PostgresTools:
    return find_tools()


def names(server: Server, role: Role = Role.SUPERUSER) -> list[str]:
    with server.connect(role) as connection:
        return [
            each[0] for each in connection.execute("SELECT name FROM gisgrid.pump ORDER BY id").fetchall()
        ]


def rights(server: Server) -> set[str]:
    """Conditions without casts and brackets, which PostgreSQL writes anew each time it reads them."""
    with server.connect(Role.SUPERUSER) as connection:
        return {str(row) for query in RIGHTS.split(";") for row in connection.execute(query).fetchall()}


def databases(server: Server) -> set[str]:
    with server.connect(Role.SUPERUSER, "postgres") as connection:
        return {each[0] for each in connection.execute("SELECT datname FROM pg_database").fetchall()}


def forget(server: Server) -> None:
    with server.connect(Role.OWNER) as connection:
        connection.execute("DELETE FROM gisgrid.pump")


def test_rows_rights_and_row_security_come_back(own: Server, tools: PostgresTools, tmp_path: Path) -> None:
    with own.connect(Role.SUPERUSER) as connection:  # what a fresh database is given, and a test's copy lacks
        backups.prepare(connection, own)
    before, there = rights(own), databases(own)
    size = backup(own, tmp_path / "b.dump", tools)
    assert (tmp_path / "b.dump").stat().st_size == size > 10_000
    forget(own)
    restore(own, tmp_path / "b.dump", tools)
    assert names(own) == ["红海滩泵站", "辽河泵站"]
    assert rights(own) ^ before == set()
    assert databases(own) == there
    assert names(own, Role.APP) == ["红海滩泵站"]
    with own.connect(Role.APP) as connection:
        connection.execute("SET ROLE gisgrid_anonymous")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT phone FROM gisgrid.pump")


def test_only_its_owner_may_read_a_backup(own: Server, tools: PostgresTools, tmp_path: Path) -> None:
    backup(own, tmp_path / "b.dump", tools)
    assert (tmp_path / "b.dump").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["b.dump"]


def test_an_existing_file_is_replaced_only_on_request(
    own: Server, tools: PostgresTools, tmp_path: Path
) -> None:
    file = tmp_path / "b.dump"
    file.write_text("precious")
    with pytest.raises(OutputError, match="--overwrite"):
        backup(own, file, tools)
    assert file.read_text() == "precious"
    assert backup(own, file, tools, overwrite=True) > 10_000


def test_a_backup_that_fails_leaves_the_old_one(own: Server, tools: PostgresTools, tmp_path: Path) -> None:
    file = tmp_path / "b.dump"
    file.write_text("precious")
    with pytest.raises(StoreError, match="does not exist"):
        backup(replace(own, database="nowhere"), file, tools, overwrite=True)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("b.dump", "precious")]
    with pytest.raises(OutputError, match="No such file"):
        backup(own, tmp_path / "absent" / "b.dump", tools)


def test_a_dump_cut_short_without_a_word_is_noticed(
    own: Server, tools: PostgresTools, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pg_restore").symlink_to(tools.program("pg_restore"))
    script = f"""#!/bin/sh
{tools.program("pg_dump")} "$@" || exit
for each; do case $each in --file=*) truncate -s -2000 "${{each#--file=}}";; esac; done
"""
    (tmp_path / "bin" / "pg_dump").write_text(script)
    (tmp_path / "bin" / "pg_dump").chmod(0o755)
    with pytest.raises(StoreError, match="backup failed"):
        backup(own, tmp_path / "b.dump", PostgresTools(tmp_path / "bin"))
    assert [each.name for each in tmp_path.iterdir()] == ["bin"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.6, 0.97])
def test_a_truncated_backup_loses_nothing(
    own: Server, tools: PostgresTools, tmp_path: Path, share: float
) -> None:
    file = tmp_path / "b.dump"
    backup(own, file, tools)
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    there = databases(own)
    with pytest.raises(BadBackup):
        restore(own, file, tools)
    assert names(own) == ["红海滩泵站", "辽河泵站"]
    assert databases(own) == there


def test_what_is_no_backup_of_gisgrid_is_refused(own: Server, tools: PostgresTools, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("DROP SCHEMA gisgrid CASCADE;")
    another = subprocess.run(
        [tools.program("pg_dump"), "-Fc", own.libpq_url(Role.SUPERUSER, "postgres")],
        capture_output=True,
        check=True,
    )
    (tmp_path / "another").write_bytes(another.stdout)
    for name in ("text", "another", "absent"):
        with pytest.raises(BadBackup, match="no backup of gisgrid"):
            restore(own, tmp_path / name, tools)
    assert names(own) == ["红海滩泵站", "辽河泵站"]


def test_a_backup_gets_no_more_rights_than_the_owner(
    own: Server, tools: PostgresTools, tmp_path: Path
) -> None:
    with own.connect(Role.SUPERUSER) as connection:
        connection.execute(
            "CREATE FUNCTION gisgrid.reach() RETURNS int "
            "LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'"
        )
    backup(own, tmp_path / "b.dump", tools)
    with pytest.raises(BadBackup, match="permission denied for language c"):
        restore(own, tmp_path / "b.dump", tools)
    assert names(own) == ["红海滩泵站", "辽河泵站"]


def test_a_newer_servers_backup_is_refused(
    own: Server, tools: PostgresTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(own, tmp_path / "b.dump", tools)
    read = backups.read_contents
    monkeypatch.setattr(backups, "read_contents", lambda *of: replace(read(*of), server_version=99))
    with pytest.raises(BadBackup, match="PostgreSQL 99"):
        restore(own, tmp_path / "b.dump", tools)


def test_the_old_database_stays_if_the_new_cannot_be_finished(
    own: Server, tools: PostgresTools, tmp_path: Path
) -> None:
    backup(own, tmp_path / "b.dump", tools)
    forget(own)
    there = databases(own)

    def fail(fresh: Server) -> None:
        assert names(fresh) == ["红海滩泵站", "辽河泵站"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        restore(own, tmp_path / "b.dump", tools, finish=fail)
    assert names(own) == []
    assert databases(own) == there


def test_whoever_is_connected_connects_again_to_what_was_restored(
    own: Server, tools: PostgresTools, tmp_path: Path
) -> None:
    backup(own, tmp_path / "b.dump", tools)
    forget(own)
    open_site = Database(own, database=own.database)
    query = text("SELECT count(*) FROM gisgrid.pump")
    with open_site.bearer("x") as session:
        assert session.execute(query).scalar_one() == 0
    restore(own, tmp_path / "b.dump", tools)
    with open_site.bearer("x") as session:
        assert session.execute(query).scalar_one() == 1
    open_site.close()
