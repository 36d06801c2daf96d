"""Who is logged in; logging in and out; a new password."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.credentials import COOKIE, SECURE_COOKIE, csrf_token, is_https, session_cookie
from api.dependencies import Given, Identity, Person, SiteDatabase
from api.errors import Unavailable
from api.metrics import Metrics
from api.throttle import LoginThrottle
from api.words import Bilingual
from gisgrid.accounts.directory import list_accounts
from gisgrid.accounts.errors import LoginRefused, WrongPassword
from gisgrid.accounts.identity import TokenKind
from gisgrid.accounts.passwords import MAX_LENGTH
from gisgrid.accounts.sessions import SESSION_LIFETIME, change_password, log_in, log_out
from gisgrid.model import AccountRole
from gisgrid.store.database import Database
from gisgrid.text import Text

router = APIRouter(prefix="/api/session", tags=["session"])

AT_ONCE = 2
"""Passwords compared in parallel: each takes 64 MiB and a processor for a tenth of a second."""
WAITING = 40
"""Attempts that may wait for their turn; more are asked to come back."""

_turns = anyio.CapacityLimiter(AT_ONCE)
Result = TypeVar("Result")
Word = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class Jurisdiction(BaseModel):
    """The grid that an account sees, with all below it."""

    uid: str
    name: str | None


class DepartmentName(BaseModel):
    """A department."""

    code: str
    name: Bilingual


class User(BaseModel):
    """The account that is logged in."""

    login: str
    name: str
    role: AccountRole
    jurisdiction: Jurisdiction | None
    department: DepartmentName | None


class SessionState(BaseModel):
    """Who is logged in, and the token that changes need in the header X-CSRF-Token."""

    user: User | None
    csrf: str | None


class Credentials(BaseModel):
    """A login and its password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Word


class PasswordChange(BaseModel):
    """The old password, and the one to replace it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    old: Word
    new: Word


@router.get("")
def show_session(
    request: Request, response: Response, identity: Identity, given: Given, database: SiteDatabase
) -> SessionState:
    """Who is logged in; a cookie whose session has ended is taken away."""
    if identity is None or given is None:
        if session_cookie(request) is not None:
            _take_cookie(request, response)
        return SessionState(user=None, csrf=None)
    csrf = csrf_token(given.token) if given.kind is TokenKind.SESSION else None
    return SessionState(user=_user(database, given.token, identity.login), csrf=csrf)


@router.post("")
async def open_session(
    request: Request, response: Response, credentials: Credentials, database: SiteDatabase
) -> SessionState:
    """Log in. The session holds for 12 hours; one that the browser had before ends."""
    token = await _in_turn(partial(_log_in, request, credentials, database))
    is_secure = is_https(request)
    response.set_cookie(
        SECURE_COOKIE if is_secure else COOKIE,
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="strict",
    )
    user = await anyio.to_thread.run_sync(_user, database, token, credentials.login)
    return SessionState(user=user, csrf=csrf_token(token))


@router.delete("", status_code=204)
def close_session(request: Request, response: Response, given: Given, database: SiteDatabase) -> None:
    """Log out; the token in the cookie holds no longer, wherever it was copied to."""
    if given is not None and given.kind is TokenKind.SESSION:
        log_out(database, given.token)
        _take_cookie(request, response)


@router.post("/password", status_code=204)
async def set_own_password(
    request: Request, change: PasswordChange, person: Person, given: Given, database: SiteDatabase
) -> None:
    """Change one's own password; all other sessions, and all access tokens, of the account end."""
    token = given.token if given else ""

    def work() -> None:
        throttle: LoginThrottle = request.app.state.throttle
        throttle.check(person.login, _address(request))
        try:
            change_password(database, person, token, old=change.old, new=change.new)
        except WrongPassword:
            throttle.failed(person.login, _address(request))
            raise

    await _in_turn(work)


async def _in_turn(work: Callable[[], Result]) -> Result:
    """Run beside the threads of other requests, a few at once: a flood of attempts delays nobody else."""
    if _turns.statistics().tasks_waiting >= WAITING:
        raise Unavailable(
            Text(zh="登录请求过多。", en="Too many people are logging in."),
            todo=Text(zh="请稍后重试。", en="Try again in a moment."),
        )
    return await anyio.to_thread.run_sync(work, limiter=_turns)


def _log_in(request: Request, credentials: Credentials, database: Database) -> str:
    """Runs in turn, so that parallel attempts cannot outrun the count of failures."""
    throttle: LoginThrottle = request.app.state.throttle
    metrics: Metrics = request.app.state.metrics
    throttle.check(credentials.login, _address(request))
    try:
        token = log_in(database, credentials.login, credentials.password)
    except LoginRefused:
        throttle.failed(credentials.login, _address(request))
        metrics.logins.labels("refused").inc()
        raise
    throttle.succeeded(credentials.login, _address(request))
    metrics.logins.labels("accepted").inc()
    before = session_cookie(request)
    if before is not None:
        log_out(database, before)
    return token


def _user(database: Database, token: str, login: str) -> User | None:
    with database.bearer(token) as session:
        found = list_accounts(session, login)
    for each in found:
        return User(
            login=each.login,
            name=each.name,
            role=each.role,
            jurisdiction=Jurisdiction(uid=each.jurisdiction, name=each.jurisdiction_name)
            if each.jurisdiction
            else None,
            department=DepartmentName(code=each.department, name=Bilingual.of(each.department_name))
            if each.department and each.department_name
            else None,
        )
    return None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _take_cookie(request: Request, response: Response) -> None:
    is_secure = is_https(request)
    name = SECURE_COOKIE if is_secure else COOKIE
    response.delete_cookie(name, path="/", secure=is_secure, httponly=True, samesite="strict")
