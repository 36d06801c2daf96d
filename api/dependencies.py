"""What routes ask for, in their signatures.

    def list_findings(session: BearerSession) -> ...        # who is logged in, under their own rights
    def list_topics(session: AnonymousSession) -> ...       # what the public sees, whoever asks
    def show_site(identity: Identity, lang: Lang) -> ...    # identity is None for a visitor

A session commits when the route returns, before the answer is sent. Routes that
touch the database are plain `def`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.credentials import Credential, credential_of
from api.errors import BUSY, Forbidden, NotLoggedIn
from api.language import asked_language
from gisgrid.accounts.identity import Asker, TokenKind, identify
from gisgrid.model import AccountRole
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from gisgrid.text import Lang as Language
from gisgrid.text import Text

LOG_IN = NotLoggedIn(
    Text(zh="需要登录。", en="You need to log in."),
    todo=Text(zh="请登录，或使用访问令牌。", en="Log in, or use an access token."),
)
_EXPIRED = NotLoggedIn(
    Text(zh="访问令牌无效、已过期或已撤销。", en="The access token is unknown, has expired or was revoked."),
    todo=Text(zh="请在页面上新建一个访问令牌。", en="Make a new access token in the page."),
)


def not_allowed(*, todo: Text | None = None) -> Forbidden:
    """The error for who may see something and not do it."""
    return Forbidden(
        Text(zh="您的账号不能这样做。", en="Your account may not do this."),
        todo=todo or Text(zh="请联系管理员。", en="Ask an administrator."),
    )


TURN_S = 10.0
"""How long a request may wait for its turn at the database."""


async def _database(request: Request) -> AsyncIterator[Database]:
    """One of the turns, from before the first statement until the route has returned.

    A request keeps its connections while it waits for a thread. Without turns, a burst of
    requests that wait for connections would take all threads from those who have them.
    """
    turns: asyncio.Semaphore = request.app.state.turns
    must_wait = turns.locked()
    try:
        async with asyncio.timeout(TURN_S):
            await turns.acquire()
    except TimeoutError:
        raise BUSY from None
    try:
        if must_wait and await request.is_disconnected():
            raise BUSY  # which nobody hears; the work is saved
        database: Database = request.app.state.database
        yield database
    finally:
        turns.release()


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


SiteDatabase = Annotated[Database, Depends(_database, scope="function")]
"""The database, for a route that opens its own transactions; they end with the route."""

SiteSettings = Annotated[Settings, Depends(_settings)]


# These wait for nothing, and so need no thread.


async def _lang(request: Request) -> Language:
    return asked_language(request)


async def _given(request: Request) -> Credential | None:
    return credential_of(request)


Lang = Annotated[Language, Depends(_lang)]
Given = Annotated[Credential | None, Depends(_given)]


async def _identity(request: Request, given: Given, database: SiteDatabase) -> Asker | None:
    if given is None:
        return None
    asker = await run_in_threadpool(identify, database, given.token)
    if asker is None and given.kind is TokenKind.ACCESS_TOKEN:
        raise _EXPIRED
    request.scope["gisgrid.login"] = None if asker is None else asker.login
    return asker


Identity = Annotated[Asker | None, Depends(_identity)]
"""Who is asking; None for a visitor, or whose session has ended. A wrong access token is refused."""


async def _account(identity: Identity) -> Asker:
    if identity is None:
        raise LOG_IN
    return identity


LoggedIn = Annotated[Asker, Depends(_account)]
"""Who is asking; nobody else comes in."""


async def _person(asker: LoggedIn) -> Asker:
    if asker.kind is not TokenKind.SESSION:
        raise not_allowed(todo=Text(zh="请用浏览器登录后操作。", en="Log in with a browser to do this."))
    return asker


Person = Annotated[Asker, Depends(_person)]
"""Somebody logged in with a password; an access token does not do."""


async def _admin(asker: LoggedIn) -> Asker:
    if asker.role is not AccountRole.ADMIN:
        raise not_allowed()
    return asker


Admin = Annotated[Asker, Depends(_admin)]


def _anonymous_session(database: SiteDatabase) -> Iterator[Session]:
    with database.anonymous() as session:
        yield session


AnonymousSession = Annotated[Session, Depends(_anonymous_session, scope="function")]
"""A transaction that sees what the public sees, whoever asks."""


def _bearer_session(asker: LoggedIn, given: Given, database: SiteDatabase) -> Iterator[Session]:
    assert given is not None  # noqa: S101 -- or nobody would be logged in
    with database.bearer(given.token) as session:
        yield session


BearerSession = Annotated[Session, Depends(_bearer_session, scope="function")]
"""A transaction under the rights of who is asking; 401 for a visitor."""


def _own_session(identity: Identity, given: Given, database: SiteDatabase) -> Iterator[Session]:
    if identity is None or given is None:
        with database.anonymous() as session:
            yield session
    else:
        with database.bearer(given.token) as session:
            yield session


OwnSession = Annotated[Session, Depends(_own_session, scope="function")]
"""A transaction under the rights of who is asking: the public's for a visitor."""
