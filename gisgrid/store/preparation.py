"""Roles, PostGIS and rights that migrations take for granted: made by whoever may, asked for otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import scalar_row

from gisgrid.errors import MissingServer, NotPrepared, StoreError, WrongDatabaseVersion
from gisgrid.store.postgres_tools import INSTALL, OLDEST_POSTGIS, OLDEST_POSTGRES
from gisgrid.store.server import ANONYMOUS, Role, Server
from gisgrid.text import Text

TIME_ZONE = "Asia/Shanghai"
"""A Chinese city's "today" starts at its own midnight, whatever the server's clock is set to."""

TOAST_COMPRESSION = "lz4"
"""Packs outlines in half the time that PostgreSQL's own way takes, by which they do not shrink at all."""

REQUEST_LIMITS = {"statement_timeout": "15s", "idle_in_transaction_session_timeout": "60s"}

_PASSWORD_PLACE = "********"  # noqa: S105 (what is shown instead)

_ATTRIBUTES = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS"

_BOX_OPERATORS = """
    SELECT p.oid::regprocedure::text FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
    WHERE o.oprname = '&&' AND NOT p.proleakproof
      AND (o.oprleft = to_regtype('geometry') AND o.oprright = to_regtype('geometry')
        OR o.oprleft = to_regtype('geography') AND o.oprright = to_regtype('geography'))
"""
_TELLTALES = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.proname IN (
        '_postgis_stats', '_postgis_selectivity', '_postgis_join_selectivity', 'st_estimatedextent')
      AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))
        WHERE grantee = 0 AND privilege_type = 'EXECUTE')
"""
"""They tell where the rows of a table lie from its statistics, past row-level security."""


@dataclass(frozen=True)
class Step:
    """One thing that must hold, and the statements that make it so."""

    lacking: bool
    statements: tuple[sql.SQL | sql.Composed, ...]
    shown: tuple[sql.SQL | sql.Composed, ...] = ()
    """The statements without the secrets; the same ones, if there are none."""
    without: Text | None = None
    """What it means to go without; None if that is not possible."""


_SLOW_BOXES = Text(
    zh="地图查询会慢（行级安全下不走空间索引）。",
    en="Map queries will be slow: row-level security keeps them from the spatial index.",
)
_TELLING = Text(
    zh="能连接数据库的人可以从统计信息推知各表数据的大致位置。",
    en="Whoever may connect can learn from its statistics about where the rows of a table lie.",
)
_OLD_POSTGIS = Text(
    zh="数据库里的 PostGIS 比服务器上安装的旧。",
    en="The database's PostGIS is older than that of the server.",
)
_SLOW_OUTLINES = Text(
    zh="保存界线会稍慢，占用更多空间。", en="Outlines take a little longer to be stored, and more space."
)


def prepare(connection: psycopg.Connection, server: Server) -> tuple[Text, ...]:
    """Make sure of roles, rights, PostGIS and fast bounding boxes in one database.

    Whatever already holds is left alone, so that calling it again costs a few look-ups.

    Parameters
    ----------
    connection : psycopg.Connection
        To the database to prepare, in autocommit; a superuser on a private cluster, on a server of one's
        own whoever is at hand.
    server : Server
        The users and passwords that shall work.

    Returns
    -------
    tuple of Text
        What could not be had and is not necessary: warnings.

    Raises
    ------
    WrongDatabaseVersion, MissingServer
        If the server or its PostGIS is too old, or has no PostGIS.
    NotPrepared
        If something necessary is lacking that this user may not make; names the statements.
    """
    _check_version(connection)
    refused: list[str] = []
    warnings: list[Text] = []
    for step in _steps(connection, server):
        if not step.lacking:
            continue
        try:
            with connection.transaction():
                for statement in step.statements:
                    connection.execute(statement)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject):
            # the latter for a role that was refused before
            shown = [each.as_string(connection) + ";" for each in step.shown or step.statements]
            if step.without is None:
                refused += shown
            else:
                warnings.append(_advice(step.without, " ".join(shown)))
    if refused:
        raise _not_prepared(connection, refused)
    _check_postgis(connection)
    return tuple(warnings)


def _steps(connection: psycopg.Connection, server: Server) -> Iterator[Step]:
    """Each is looked up when its turn comes, after those before it were made to hold."""
    app, login = server.users[Role.APP], server.users[Role.LOGIN]
    for user, may_log_in in ((app, "LOGIN"), (login, "LOGIN"), (ANONYMOUS, "NOLOGIN")):
        yield _role(connection, user, may_log_in)
    yield Step(
        not _one(
            connection,
            "SELECT EXISTS (SELECT FROM pg_auth_members WHERE roleid = to_regrole(%s) "
            "AND member = to_regrole(%s))",
            f'"{ANONYMOUS}"',
            f'"{app}"',
        ),
        (_compose("GRANT {} TO {}", ANONYMOUS, app),),
    )
    for user in (app, login):
        yield _limits(connection, user)
    yield from _rights(connection, server)
    yield _postgis(connection)
    yield from _passwords(connection, server)
    functions = connection.execute(_BOX_OPERATORS).fetchall()
    statements = tuple(
        sql.SQL("ALTER FUNCTION {} LEAKPROOF").format(sql.SQL(each[0]))  # regprocedure: quoted by the server
        for each in functions
    )
    yield Step(bool(functions), statements, without=_SLOW_BOXES)
    functions = connection.execute(_TELLTALES).fetchall()
    statements = tuple(
        sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(each[0])) for each in functions
    )
    # Whoever does not own PostGIS is told so in a notice, and it stays as it was.
    yield Step(bool(functions), statements, without=_TELLING)


def _role(connection: psycopg.Connection, user: str, may_log_in: str) -> Step:
    held = connection.execute(
        "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolinherit, rolreplication, rolbypassrls "
        "FROM pg_roles WHERE rolname = %s",
        (user,),
    ).fetchone()
    wanted = (may_log_in == "LOGIN", False, False, False, False, False, False)
    verb = "CREATE" if held is None else "ALTER"
    statement = _compose(f"{verb} ROLE {{}} {may_log_in} {_ATTRIBUTES}", user)
    return Step(held != wanted, (statement,))


def _limits(connection: psycopg.Connection, user: str) -> Step:
    held = _one(
        connection,
        "SELECT setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole "
        "WHERE r.rolname = %s AND s.setdatabase = 0",
        user,
    )
    lacking = {name: limit for name, limit in REQUEST_LIMITS.items() if f"{name}={limit}" not in (held or [])}
    return Step(
        bool(lacking),
        tuple(_compose(f"ALTER ROLE {{}} SET {name} = '{limit}'", user) for name, limit in lacking.items()),
    )


def _rights(connection: psycopg.Connection, server: Server) -> Iterator[Step]:
    name = connection.info.dbname
    app, login = server.users[Role.APP], server.users[Role.LOGIN]
    yield Step(
        bool(_one(connection, "SELECT has_database_privilege('public', current_database(), 'TEMPORARY')")),
        (_compose("REVOKE ALL ON DATABASE {} FROM PUBLIC", name),),
    )
    # An edit stages what follows from it in temporary tables, as the planner who makes it.
    for user, right in ((app, "CONNECT"), (app, "TEMPORARY"), (login, "CONNECT")):
        yield Step(
            not _one(
                connection,
                "SELECT has_database_privilege(oid, current_database(), %s) FROM pg_roles WHERE rolname = %s",
                right,
                user,
            ),
            (_compose(f"GRANT {right} ON DATABASE {{}} TO {{}}", name, user),),
        )
    yield Step(
        bool(_one(connection, "SELECT has_schema_privilege('public', 'public', 'CREATE')")),
        (sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),),
    )
    yield _setting(connection, "TimeZone", TIME_ZONE)
    if _one(
        connection,
        "SELECT %s = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'",
        TOAST_COMPRESSION,
    ):
        yield _setting(connection, "default_toast_compression", TOAST_COMPRESSION, without=_SLOW_OUTLINES)


def _setting(connection: psycopg.Connection, name: str, value: str, *, without: Text | None = None) -> Step:
    held = _one(
        connection,
        "SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
        "WHERE d.datname = current_database() AND s.setrole = 0",
    )
    statement = _compose(f"ALTER DATABASE {{}} SET {name} = '{value}'", connection.info.dbname)
    return Step(f"{name}={value}" not in (held or []), (statement,), without=without)


def _postgis(connection: psycopg.Connection) -> Step:
    row = connection.execute(
        "SELECT installed_version, default_version FROM pg_available_extensions WHERE name = 'postgis'"
    ).fetchone()
    if row is None:
        raise MissingServer(
            Text(zh="数据库服务器没有装 PostGIS。", en="PostGIS is not installed on the database server."),
            todo=INSTALL,
        )
    installed, offered = row
    if installed is None:
        return Step(True, (sql.SQL("CREATE EXTENSION postgis"),))
    newer = _numbers(offered) > _numbers(installed)
    is_old = _numbers(installed) < OLDEST_POSTGIS
    return Step(newer, (sql.SQL("ALTER EXTENSION postgis UPDATE"),), without=None if is_old else _OLD_POSTGIS)


def _passwords(connection: psycopg.Connection, server: Server) -> Iterator[Step]:
    """Passwords travel as SCRAM verifiers: no log of the server can give them away."""
    for role in (Role.OWNER, Role.APP, Role.LOGIN):
        password, user = server.passwords.get(role), server.users[role]
        if password is None or _may_log_in(server, role, connection.info.dbname):
            continue
        verifier = connection.pgconn.encrypt_password(
            password.get_secret_value().encode(), user.encode(), b"scram-sha-256"
        ).decode()
        statement = _compose("ALTER ROLE {} PASSWORD ", user)
        yield Step(True, (statement + sql.Literal(verifier),), (statement + sql.Literal(_PASSWORD_PLACE),))


def _may_log_in(server: Server, role: Role, database: str) -> bool:
    try:
        server.connect(role, database).close()
    except psycopg.OperationalError:
        return False
    return True


def _check_version(connection: psycopg.Connection) -> None:
    if connection.info.server_version < OLDEST_POSTGRES * 10_000:
        version = connection.info.parameter_status("server_version")
        raise WrongDatabaseVersion(
            Text(
                zh=f"数据库服务器是 PostgreSQL {version}，需要 {OLDEST_POSTGRES} 或更新。",
                en=f"The server is PostgreSQL {version}; {OLDEST_POSTGRES} or newer is needed.",
            ),
            todo=Text(
                zh="请升级服务器，或取消 GISGRID_DATABASE_URL 改用自带的数据库。",
                en="Upgrade the server, or unset GISGRID_DATABASE_URL to use a database of gisgrid's own.",
            ),
        )


def _check_postgis(connection: psycopg.Connection) -> None:
    version = postgis_version(connection)
    if _numbers(version or "0") < OLDEST_POSTGIS:
        needed = ".".join(map(str, OLDEST_POSTGIS))
        raise WrongDatabaseVersion(
            Text(
                zh=f"数据库里的 PostGIS 是 {version}，需要 {needed} 或更新。",
                en=f"The database has PostGIS {version}; {needed} or newer is needed.",
            ),
            todo=Text(
                zh="请升级 PostGIS 后执行 ALTER EXTENSION postgis UPDATE。",
                en="Upgrade PostGIS, then run ALTER EXTENSION postgis UPDATE.",
            ),
        )


def postgis_version(connection: psycopg.Connection) -> str | None:
    """The version of PostGIS in this database, or None."""
    version: str | None = _one(connection, "SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
    return version


def slow_boxes(connection: psycopg.Connection) -> Text | None:
    """A warning, if row-level security would keep bounding boxes from using their index."""
    functions = [each[0] for each in connection.execute(_BOX_OPERATORS).fetchall()]
    if not functions:
        return None
    return _advice(_SLOW_BOXES, " ".join(f"ALTER FUNCTION {each} LEAKPROOF;" for each in functions))


def _advice(without: Text, statements: str) -> Text:
    return Text(
        zh=f"{without.zh}请数据库超级用户执行：{statements}",
        en=f"{without.en} A superuser should run: {statements}",
    )


def _not_prepared(connection: psycopg.Connection, refused: list[str]) -> StoreError:
    statements = "\n  ".join(refused)
    return NotPrepared(
        Text(
            zh=f"数据库用户 {connection.info.user} 无权完成准备。",
            en=f"The database user {connection.info.user} may not make what gisgrid needs.",
        ),
        where=f"{connection.info.dbname}:\n  {statements}",
        todo=Text(
            zh="请数据库管理员在该数据库中执行上面的语句"
            "（口令用 GISGRID_APP_PASSWORD、GISGRID_LOGIN_PASSWORD 的值），"
            "或设 GISGRID_ADMIN_URL 后执行 gisgrid db start。",
            en="Have the database's administrator run these statements in that database (passwords as in "
            "GISGRID_APP_PASSWORD and GISGRID_LOGIN_PASSWORD), or set GISGRID_ADMIN_URL and run gisgrid db "
            "start.",
        ),
    )


def _compose(template: str, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*map(sql.Identifier, names))


def _one(connection: psycopg.Connection, query: str, *values: str) -> Any:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query, values).fetchone()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:3])
