"""Row-level security, tried with raw SQL as the application's role."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA, Base
from gisgrid.store.access import RULES
from gisgrid.store.database import Database
from gisgrid.store.server import Role
from tests.city import TOKENS, City, build_city

FORGERIES = (
    "SET gisgrid.account = '1'",
    "SET gisgrid.account_id = '1'",
    "SET gisgrid.role = 'admin'",
    "SET gisgrid.jurisdiction = '*'",
    "SET gisgrid.operator = 'root'",
    "SET gisgrid.token = '\\x00'",
    "SET gisgrid.token = '*'",
    "SET row_security = off",
    "SET search_path = pg_temp, public",
)
ESCAPES = (
    "SET ROLE gisgrid_owner",
    "SET ROLE postgres",
    "SET ROLE gisgrid_login",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER TABLE gisgrid.source DISABLE ROW LEVEL SECURITY",
    "CREATE FUNCTION gisgrid.own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE public.own (id int)",
    "ALTER ROLE gisgrid_app BYPASSRLS",
    "COPY gisgrid.account TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM gisgrid.credentials('admin')",
    "SELECT gisgrid.open_session(1, '\\x00', interval '1 day')",
    "SELECT gisgrid.change_password(1, 'x')",
    "SELECT gisgrid.end_access()",
    "SELECT gisgrid.actor()",
    "SELECT gisgrid.trail_of_plan()",
    "SELECT public._postgis_stats('gisgrid.receptor', 'geometry')",
    "SELECT public.ST_EstimatedExtent('gisgrid', 'receptor', 'geometry')",
    "SELECT password_hash FROM gisgrid.account",
    "SELECT * FROM gisgrid.account",
    "SELECT token_hash FROM gisgrid.access_token",
    "SELECT * FROM gisgrid.login_session",
    "SELECT 1 FROM gisgrid.account ORDER BY password_hash",
    "UPDATE gisgrid.account SET name = password_hash",
    "INSERT INTO gisgrid.trail (actor, action, table_name, key) VALUES ('x', 'x', 'x', 'x')",
    "UPDATE gisgrid.trail SET actor = 'somebody else'",
    "DELETE FROM gisgrid.trail",
    "TRUNCATE gisgrid.trail",
    "ALTER TABLE gisgrid.trail DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "UPDATE gisgrid.data_version SET version = 0",
)
COUNTS = {"source": "SELECT count(id) FROM gisgrid.source", "draft": "SELECT count(id) FROM gisgrid.plan"}


@pytest.fixture
def city(database: Database) -> City:
    """The small city of `tests.city`."""
    return build_city(database)


@pytest.fixture
def app(database: Database, city: City) -> Iterator[psycopg.Connection]:
    """A connection of the application's role that has said nothing of who asks."""
    with database.server.connect(Role.APP, database._name) as connection:
        yield connection


def count(session: Session, sql: str) -> int:
    """The one number of a query."""
    return int(session.execute(text(sql)).scalar_one())


@pytest.mark.parametrize("forgery", ["SELECT 1", *FORGERIES])
def test_no_setting_makes_somebody_of_nobody(app: psycopg.Connection, forgery: str) -> None:
    try:
        app.execute(forgery)
    except psycopg.Error:
        return  # refused outright
    for table in sorted(set(RULES) - {"data_version", "login_session", "trail"}):
        try:
            seen = app.execute(f"SELECT count(*) FROM gisgrid.{table}").fetchone()  # noqa: S608
        except psycopg.errors.InsufficientPrivilege:
            continue
        assert seen == (0,), table


def test_temporary_tables_stand_in_for_no_table_that_tells_who_asks(app: psycopg.Connection) -> None:
    app.execute("SET search_path = pg_temp, gisgrid, public")
    for name in ("login_session", "access_token", "account", "grid"):
        app.execute(
            f"CREATE TEMP TABLE {name} AS SELECT 1 AS id, 1 AS account_id, 'admin' AS role, '*' AS path"
        )
    for table in ("source", "grid", "account"):
        assert app.execute(f"SELECT count(id) FROM gisgrid.{table}").fetchone() == (0,)  # noqa: S608
    with app.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'gisgrid'::regnamespace AND prosecdef "
        "AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY(proconfig), false)"
    ) as found:
        assert found.fetchall() == []


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("who", ["nobody", "admin"])
def test_the_application_has_no_way_around_the_rules(app: psycopg.Connection, escape: str, who: str) -> None:
    if who == "admin":
        app.execute("SELECT set_config('gisgrid.token', %s, false)", (TOKENS["admin"],))
    with pytest.raises(psycopg.Error) as refused:
        app.execute(escape)
    assert refused.value.sqlstate in ("42501", "42704", "0A000", "55000")


def test_leaving_the_anonymous_role_gains_nothing(database: Database, city: City) -> None:
    with database.anonymous() as session:
        session.execute(text("RESET ROLE"))
        assert count(session, COUNTS["source"]) == 0
        assert count(session, COUNTS["draft"]) == 0


def test_a_token_set_beside_the_anonymous_role_opens_nothing_to_it(database: Database, city: City) -> None:
    with database.anonymous() as session:
        session.execute(text("SELECT set_config('gisgrid.token', :t, true)"), {"t": TOKENS["admin"]})
        assert count(session, COUNTS["draft"]) == 1
        with pytest.raises(ProgrammingError), session.begin_nested():
            session.execute(text("SELECT raw_x FROM gisgrid.source"))


@pytest.mark.parametrize("table", sorted(RULES))
def test_the_anonymous_role_reads_the_listed_columns_only(database: Database, city: City, table: str) -> None:
    columns = {column.name for column in Base.metadata.tables[f"{SCHEMA}.{table}"].columns}
    readable = set()
    for column in columns:
        with database.anonymous() as session:
            try:
                session.execute(text(f'SELECT "{column}" FROM gisgrid.{table} LIMIT 1'))  # noqa: S608
            except ProgrammingError:
                continue
            readable.add(column)
    assert readable == set(RULES[table].public)


def test_nothing_of_who_asked_stays_in_a_pooled_connection(database: Database, city: City) -> None:
    single = Database(database.server, pool_size=1, database=database._name)
    try:
        with single.bearer(TOKENS["admin"]) as session:
            assert count(session, COUNTS["draft"]) == 2
        with single.anonymous() as session:
            assert count(session, COUNTS["draft"]) == 1
        with single.bearer("nobody's token") as session:
            assert count(session, COUNTS["draft"]) == 0
    finally:
        single.close()


def fail(database: Database, failure: str) -> None:
    """Begin as the administrator, and come to grief."""
    with database.bearer(TOKENS["admin"], timeout_s=0.2) as session:
        assert count(session, COUNTS["draft"]) == 2
        if failure == "raise":
            raise RuntimeError
        session.execute(text(failure))


@pytest.mark.parametrize("failure", ["SELECT 1/0", "SELECT pg_sleep(5)", "raise"])
def test_nothing_stays_after_a_failed_or_cancelled_request(
    database: Database, city: City, failure: str
) -> None:
    single = Database(database.server, pool_size=1, database=database._name)
    try:
        with pytest.raises((DBAPIError, RuntimeError)):
            fail(single, failure)
        with single.bearer("nobody's token") as session:
            assert count(session, COUNTS["draft"]) == 0
            assert count(session, COUNTS["source"]) == 0
    finally:
        single.close()


def test_a_planner_changes_nothing_outside_the_jurisdiction(database: Database, city: City) -> None:
    with database.bearer(TOKENS["west"]) as session:
        changed = (
            session.execute(text("UPDATE gisgrid.source SET name = 'mine' RETURNING uid")).scalars().all()
        )
    assert set(changed) == {"S1", "S2"}


def test_a_reading_token_changes_nothing(database: Database, city: City) -> None:
    with database.bearer(TOKENS["token"]) as session:
        assert session.execute(text("UPDATE gisgrid.source SET name = 'mine' RETURNING id")).all() == []
        with pytest.raises(ProgrammingError), session.begin_nested():
            session.execute(text("INSERT INTO gisgrid.topic (code, name_zh, name_en) VALUES ('x', 'x', 'x')"))


def test_an_administrator_of_a_county_makes_none_of_the_city(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.account SET role = 'admin' WHERE login = 'west'"))
    insert = (
        "INSERT INTO gisgrid.account (login, name, role, jurisdiction, password_hash)"
        " VALUES ('evil', 'evil', 'admin', {}, '!')"
    )
    for jurisdiction in ("NULL", "'CITY'", "'EAST'"):
        with pytest.raises(ProgrammingError), database.bearer(TOKENS["west"]) as session:
            session.execute(text(insert.format(jurisdiction)))
    with database.bearer(TOKENS["west"]) as session:
        session.execute(text(insert.format("'T1'")))
        with pytest.raises(ProgrammingError), session.begin_nested():
            session.execute(text("UPDATE gisgrid.account SET jurisdiction = NULL WHERE login = 'evil'"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gisgrid.grid SET name = 'other' WHERE plan_id = :plan",
        "DELETE FROM gisgrid.grid WHERE plan_id = :plan",
        "UPDATE gisgrid.plan SET state = 'draft' WHERE id = :plan",
        "DELETE FROM gisgrid.plan WHERE id = :plan",
    ],
)
@pytest.mark.parametrize("who", ["admin", "planner", "operator"])
def test_a_published_plan_never_changes(database: Database, city: City, change: str, who: str) -> None:
    opened = database.operating() if who == "operator" else database.bearer(TOKENS[who])
    with pytest.raises(DBAPIError) as refused, opened as session:
        session.execute(text(change), {"plan": city.plan})
    assert refused.value.orig is not None
    assert getattr(refused.value.orig, "sqlstate", "") == "GG001"


def test_the_trail_names_who_changed_what_and_holds_no_secret(database: Database, city: City) -> None:
    with database.bearer(TOKENS["west"]) as session:
        session.execute(text("UPDATE gisgrid.source SET name = 'new name' WHERE uid = 'S1'"))
    with database.operating() as session:
        session.execute(
            text("UPDATE gisgrid.account SET password_hash = 'a-secret-hash' WHERE login = 'west'")
        )
        session.execute(text("UPDATE gisgrid.account SET password_hash = '!' WHERE login = 'west'"))
    with database.bearer(TOKENS["admin"]) as session:
        actor = session.execute(
            text("SELECT actor FROM gisgrid.trail WHERE table_name = 'source' AND action = 'update'")
        ).scalar_one()
        trail = session.execute(text("SELECT string_agg(before::text, ' ') FROM gisgrid.trail")).scalar_one()
    assert actor == "west"
    assert "a-secret-hash" not in trail
    assert "password_hash" not in trail


def test_the_trail_keeps_a_grid_that_changes_but_not_one_whose_version_is_counted_on(
    database: Database, city: City
) -> None:
    statements = {
        "UPDATE gisgrid.grid SET version = version + 1 WHERE uid = 'CITY' AND plan_id = :draft": 0,
        "UPDATE gisgrid.grid SET version = version + 1, name = 'x'"
        " WHERE uid = 'WEST' AND plan_id = :draft": 1,
        "UPDATE gisgrid.grid SET version = version + 1, geometry = geometry"
        " WHERE uid = 'T2' AND plan_id = :draft": 0,
        "UPDATE gisgrid.grid SET version = version + 1, geometry = public.ST_Multi(public.ST_Envelope("
        "public.ST_Expand(geometry, 1e-12))) WHERE uid = 'T2' AND plan_id = :draft": 1,
        "UPDATE gisgrid.grid SET name = name WHERE uid = 'T1' AND plan_id = :draft": 1,
        "DELETE FROM gisgrid.grid WHERE uid = 'KEY' AND plan_id = :draft": 1,
    }
    kept = "SELECT count(*) FROM gisgrid.trail WHERE table_name = 'grid' AND action <> 'insert'"
    for statement, more in statements.items():
        with database.bearer(TOKENS["admin"]) as session:
            before = count(session, kept)
            session.execute(text(statement), {"draft": city.draft})
            assert count(session, kept) - before == more, statement


def test_who_changes_a_table_holds_up_nobody_else_and_is_counted_when_it_is_kept(
    database: Database, city: City
) -> None:
    counted = "SELECT version FROM gisgrid.data_version WHERE table_name = 'source'"
    rename = text("UPDATE gisgrid.source SET name = 'x' WHERE uid = :uid")
    with database.operating() as session:
        before = count(session, counted)
    with database.bearer(TOKENS["admin"]) as slow:
        slow.execute(rename, {"uid": "S1"})
        slow.execute(rename, {"uid": "S2"})
        with database.bearer(TOKENS["planner"], timeout_s=2) as quick:
            quick.execute(rename, {"uid": "S3"})
        with database.bearer(TOKENS["planner"]) as session:
            assert count(session, counted) == before + 1
            trial = session.begin_nested()
            session.execute(rename, {"uid": "S4"})
            trial.rollback()
    with database.operating() as session:
        assert count(session, counted) == before + 2
        assert count(session, "SELECT count(*) FROM gisgrid.change_noted") == 0


def test_every_table_has_a_rule_and_is_forced_under_it(database: Database) -> None:
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert set(RULES) == tables
    with database.operating() as session:
        forced = session.execute(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'gisgrid'::regnamespace AND relkind = 'r'"
                " AND relrowsecurity AND relforcerowsecurity"
            )
        ).scalars()
        assert set(forced) == tables


def test_the_models_and_the_migrated_tables_are_the_same(database: Database) -> None:
    engine = create_engine(database.server.url(Role.OWNER, database._name))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: (
                    name == SCHEMA if kind == "schema" else name != "alembic_version"
                ),
                "include_object": alembic_helpers.include_object,
                "compare_server_default": True,
            },
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []
