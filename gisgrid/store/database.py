"""Transactions, each begun as somebody: an anonymous visitor, the bearer of a token, the operator's shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.orm import Session

from gisgrid.store.migrate import operator
from gisgrid.store.server import ANONYMOUS, Role, Server

_AS_ANONYMOUS = text(f"SET LOCAL ROLE {ANONYMOUS}")
_AS_BEARER = text("SELECT set_config('gisgrid.token', :token, true)")
_AS_OPERATOR = text("SELECT set_config('gisgrid.operator', :name, true)")


class Database:
    """The database as one process uses it.

    Every transaction says who asks before anything else, for that transaction
    only, so that a pooled connection carries nothing over to the next.

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
        self._name = database
        self._pool_size = pool_size

    @cached_property
    def _app(self) -> Engine:
        return create_engine(
            self.server.url(Role.APP, self._name),
            pool_size=self._pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            pool_recycle=1800,
        )

    @cached_property
    def _login(self) -> Engine:
        url = self.server.url(Role.LOGIN, self._name)
        return create_engine(url, pool_size=2, max_overflow=0, pool_timeout=5, pool_pre_ping=True)

    @cached_property
    def _owner(self) -> Engine:
        return create_engine(self.server.url(Role.OWNER, self._name), poolclass=NullPool)

    @contextmanager
    def anonymous(self) -> Iterator[Session]:
        """A transaction that sees what the public sees."""
        with Session(self._app) as session, session.begin():
            session.execute(_AS_ANONYMOUS)
            yield session

    @contextmanager
    def bearer(self, token: str) -> Iterator[Session]:
        """A transaction of whoever holds this session or access token; an unknown one sees nothing."""
        with Session(self._app) as session, session.begin():
            session.execute(_AS_BEARER, {"token": token})
            yield session

    @contextmanager
    def logging_in(self, token: str = "") -> Iterator[Session]:
        """A transaction that may check passwords and open sessions, and nothing else."""
        with Session(self._login) as session, session.begin():
            session.execute(_AS_BEARER, {"token": token})
            yield session

    @contextmanager
    def operating(self) -> Iterator[Session]:
        """A transaction of the operator's shell, which may do everything; no request ever uses it."""
        with Session(self._owner) as session, session.begin():
            session.execute(_AS_OPERATOR, {"name": operator()})
            yield session

    def close(self) -> None:
        """Give all connections back."""
        for engine in ("_app", "_login", "_owner"):
            if engine in self.__dict__:
                self.__dict__[engine].dispose()
