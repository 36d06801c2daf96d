"""Transactions, each begun as somebody: an anonymous visitor, the bearer of a token, the operator's shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection, Engine, NullPool, QueuePool, TextClause, create_engine, event, text
from sqlalchemy.orm import Session, SessionTransaction

from gisgrid.store.migrate import operator
from gisgrid.store.server import ANONYMOUS, Role, Server

_AS_ANONYMOUS = text(
    f"SELECT set_config('role', '{ANONYMOUS}', true), set_config('statement_timeout', :ms, true)"
)
_AS_BEARER = text(
    "SELECT set_config('gisgrid.token', :token, true), set_config('statement_timeout', :ms, true)"
)
_AS_OPERATOR = text("SELECT set_config('gisgrid.operator', :name, true)")

TIMEOUT_S = 10.0
"""How long a statement of a request may take, unless its route says otherwise."""
WHOLE_PLAN_S = 100.0
"""The same for requests that look at all sources of a plan; see `prolong`."""
_CONNECT = {"connect_timeout": 5, "application_name": "gisgrid"}


class Database:
    """The database as one process uses it.

    Every transaction says who asks before anything else, for that transaction
    only, so that a pooled connection carries nothing over to the next. It takes
    a connection with its first statement, not before: whoever holds one is at
    work, so that waiting requests cannot lock each other out.

    Parameters
    ----------
    server : Server
    pool_size : int
        Connections at most for requests; as many as there are worker threads.
    database : str, optional
        One beside gisgrid's own.
    """

    def __init__(self, server: Server, *, pool_size: int = 16, database: str | None = None) -> None:
        self.server = server
        self.pool_size = pool_size
        self._name = database

    @cached_property
    def _app(self) -> Engine:
        return create_engine(
            self.server.url(Role.APP, self._name),
            connect_args=_CONNECT,
            hide_parameters=True,
            pool_size=self.pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            pool_recycle=1800,
        )

    @cached_property
    def _login(self) -> Engine:
        url = self.server.url(Role.LOGIN, self._name)
        return create_engine(
            url,
            connect_args=_CONNECT,
            hide_parameters=True,
            pool_size=2,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
        )

    @cached_property
    def _owner(self) -> Engine:
        return create_engine(
            self.server.url(Role.OWNER, self._name), hide_parameters=True, poolclass=NullPool
        )

    @contextmanager
    def anonymous(self, *, timeout_s: float = TIMEOUT_S) -> Iterator[Session]:
        """A transaction that sees what the public sees."""
        with _begun(self._app, _AS_ANONYMOUS, {"ms": _milliseconds(timeout_s)}) as session:
            yield session

    @contextmanager
    def bearer(self, token: str, *, timeout_s: float = TIMEOUT_S) -> Iterator[Session]:
        """A transaction of whoever holds this session or access token; an unknown one sees nothing."""
        with _begun(self._app, _AS_BEARER, {"token": token, "ms": _milliseconds(timeout_s)}) as session:
            yield session

    @contextmanager
    def logging_in(self, token: str = "") -> Iterator[Session]:
        """A transaction that may check passwords and open sessions, and nothing else."""
        with _begun(self._login, _AS_BEARER, {"token": token, "ms": _milliseconds(TIMEOUT_S)}) as session:
            yield session

    @contextmanager
    def operating(self) -> Iterator[Session]:
        """A transaction of the operator's shell, which may do everything; no request ever uses it."""
        with _begun(self._owner, _AS_OPERATOR, {"name": operator()}) as session:
            yield session

    def connections_in_use(self) -> int:
        """How many of the requests' connections are at work."""
        pool = self._app.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    def close(self) -> None:
        """Give all connections back."""
        for engine in ("_app", "_login", "_owner"):
            if engine in self.__dict__:
                self.__dict__[engine].dispose()


@contextmanager
def _begun(engine: Engine, introduction: TextClause, values: dict[str, str]) -> Iterator[Session]:
    """A transaction whose connection hears `introduction` before anything else."""
    with Session(engine) as session:

        def introduce(_: Session, transaction: SessionTransaction, connection: Connection) -> None:
            if not transaction.nested:
                connection.execute(introduction, values)

        event.listen(session, "after_begin", introduce)
        with session.begin():
            yield session


def prolong(session: Session) -> None:
    """Let the statements of a transaction take longer: those that look at all sources of a plan."""
    session.execute(_PROLONG, {"ms": _milliseconds(WHOLE_PLAN_S)})


_PROLONG = text("SELECT set_config('statement_timeout', :ms, true)")


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))
