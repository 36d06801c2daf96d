"""Triggers: the audit trail, the count of changes, and plans that stay as they were published."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from sqlalchemy import Table

from gisgrid.model import SCHEMA, Base

_SECRET = frozenset({"password_hash", "token_hash"})
_UNTRAILED = frozenset(
    {
        "trail",
        "data_version",
        "change_noted",
        "login_session",
        "edit",
        "edit_change",
        "decision",
        "check_reason",
        "finding",
        "assignment",
        "uncovered_source",
        "surrounding",
    }
)
"""Logs, and what is computed from the rest."""
_UNCOUNTED = frozenset(
    {"trail", "data_version", "change_noted", "login_session", "access_token", "edit_change"}
)


def statements() -> Iterator[str]:
    """The SQL that puts all triggers in place; running it again changes nothing."""
    yield resources.files("gisgrid.store").joinpath("trail.sql").read_text(encoding="utf-8")
    for table in Base.metadata.sorted_tables:
        if table.name not in _UNTRAILED:
            yield from _trailed(table)
        if table.name not in _UNCOUNTED:
            yield _trigger(table.name, "count_change", "AFTER INSERT OR UPDATE OR DELETE", "STATEMENT")
    yield from _at_commit("change_noted", "count_noted")
    yield _trigger("plan", "keep_published", "BEFORE UPDATE OR DELETE", "ROW")
    for name in ("grid", "plan_level"):
        yield _trigger(name, "keep_published", "BEFORE INSERT OR UPDATE OR DELETE", "ROW")
    yield _trigger("account", "end_access", "AFTER UPDATE", "ROW")
    yield from _reviewed()
    yield f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC"


def _trigger(table: str, function: str, when: str, each: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {function} {when} ON {SCHEMA}.{table} "
        f"FOR EACH {each} EXECUTE FUNCTION {SCHEMA}.{function}()"
    )


def _reviewed() -> Iterator[str]:
    """The course of a plan; see review.sql. Triggers of one event fire in the order of their names."""
    yield _trigger("plan", "keep_reviewed", "BEFORE UPDATE OR DELETE", "ROW")
    yield _trigger("decision", "decide", "BEFORE INSERT", "ROW")
    for name in ("decision", "check_reason", "comment"):
        yield _trigger(name, "sign", "BEFORE INSERT", "ROW")
    yield _trigger("comment", "place_comment", "BEFORE INSERT", "ROW")
    yield _trigger("comment", "settle_comment", "BEFORE UPDATE", "ROW")
    yield _trigger("filing", "file_upward", "BEFORE INSERT OR UPDATE", "ROW")
    yield from _at_commit("decision", "must_be_carried_out")


def _at_commit(table: str, function: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {function} ON {SCHEMA}.{table}"
    yield (
        f"CREATE CONSTRAINT TRIGGER {function} AFTER INSERT ON {SCHEMA}.{table} DEFERRABLE "
        f"INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.{function}()"
    )


def _trailed(table: Table) -> Iterator[str]:
    """A trigger function that knows the table's columns, and its three triggers.

    Inserted rows are still there to be read, so their key is enough; geometries
    are kept as hexadecimal EWKB, since JSON would round them. A row of which only
    the version was counted on is left out: else each edit of a township would keep
    the whole outline of its county.
    """
    key = next(iter(table.primary_key.columns)).name
    kept = ", ".join(
        f"'{column.name}', "
        + ("encode(public.ST_AsEWKB(geometry), 'hex')" if _is_shape(column.name) else column.name)
        for column in table.columns
        if column.name not in _SECRET
    )
    insert = (
        f"INSERT INTO {SCHEMA}.trail (actor, account_id, action, table_name, key, before) SELECT who, account"
    )
    was = f"jsonb_build_object({kept}) FROM gone"
    changed = f" WHERE NOT {_is_only_counted(table, key)}" if "version" in table.columns else ""
    yield f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.trail_of_{table.name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who text := {SCHEMA}.actor();
    account bigint := {SCHEMA}.acting_account();
BEGIN
    IF TG_OP = 'INSERT' THEN
        {insert}, 'insert', '{table.name}', {key}::text, NULL FROM added;
    ELSIF TG_OP = 'UPDATE' THEN
        {insert}, 'update', '{table.name}', {key}::text, {was}{changed};
    ELSE
        {insert}, 'delete', '{table.name}', {key}::text, {was};
    END IF;
    RETURN NULL;
END
$$"""
    for operation, rows in (
        ("INSERT", "NEW TABLE AS added"),
        ("UPDATE", "OLD TABLE AS gone NEW TABLE AS came"),
        ("DELETE", "OLD TABLE AS gone"),
    ):
        yield (
            f"CREATE OR REPLACE TRIGGER trail_{operation.lower()} AFTER {operation} ON {SCHEMA}.{table.name} "
            f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.trail_of_{table.name}()"
        )


def _is_only_counted(table: Table, key: str) -> str:
    """Whether a row of `gone` became one that differs by its version alone."""

    def others(row: str) -> str:
        return ", ".join(
            f"public.ST_AsEWKB({row}.geometry)" if _is_shape(column.name) else f"{row}.{column.name}"
            for column in table.columns
            if column.name != "version"
        )

    return (
        f"EXISTS (SELECT FROM came WHERE came.{key} = gone.{key} "  # noqa: S608 -- names of columns
        "AND came.version <> gone.version "
        f"AND ROW ({others('came')}) IS NOT DISTINCT FROM ROW ({others('gone')}))"
    )


def _is_shape(column: str) -> bool:
    return column == "geometry"
