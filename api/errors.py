"""Errors as answers: which status an error becomes, and what is said.

Every error is `application/problem+json` (RFC 9457) in the language of the
request, with what is wrong (`detail`), `where`, and what to do (`todo`). SQL,
paths of the server and stacks go to the log, under the `request_id` that the
answer names, and never to the client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.language import asked_language
from api.validation import explain
from gisgrid.accounts import errors as accounts
from gisgrid.errors import GisgridError, InputError, OutputError, StoreError, WrongGeometry
from gisgrid.planning import errors as planning
from gisgrid.planning.comments import UnknownComment
from gisgrid.spatial.editing import CannotEdit
from gisgrid.spatial.editing.errors import EditFailed
from gisgrid.supervision import errors as supervision
from gisgrid.text import Lang, Text

log = structlog.get_logger("gisgrid.errors")

RETRY_S = 5
"""After how many seconds a client should ask again when the database is away."""


class NotFound(GisgridError):
    """What was asked for does not exist, or may not be seen by who is asking."""


class NotLoggedIn(GisgridError):
    """Only accounts may do this, and nobody is logged in, or the token holds no longer."""


class Forbidden(GisgridError):
    """The account may see this, and not do it."""


class Conflict(GisgridError):
    """What is there already stands against it."""


class Unprocessable(InputError):
    """The body of the request is well formed and cannot be used."""


class UnsupportedMedia(InputError):
    """The body is of a kind that is not accepted here."""


class TooManyRequests(GisgridError):
    """Asked too often; the answer says when to ask again."""

    def __init__(self, what: Text, *, todo: Text, retry_after_s: int) -> None:
        super().__init__(what, todo=todo)
        self.retry_after_s = retry_after_s


class Unavailable(GisgridError):
    """The database is away or too busy for the moment."""


STATUS: Mapping[type[GisgridError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    NotLoggedIn: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Unprocessable: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    accounts.LoginRefused: HTTPStatus.UNAUTHORIZED,
    accounts.WrongPassword: HTTPStatus.FORBIDDEN,
    accounts.WeakPassword: HTTPStatus.UNPROCESSABLE_ENTITY,
    accounts.UnusableAccount: HTTPStatus.UNPROCESSABLE_ENTITY,
    accounts.UnknownAccount: HTTPStatus.NOT_FOUND,
    accounts.UnknownToken: HTTPStatus.NOT_FOUND,
    accounts.LoginTaken: HTTPStatus.CONFLICT,
    accounts.OwnAccount: HTTPStatus.CONFLICT,
    accounts.TooManyTokens: HTTPStatus.CONFLICT,
    planning.UnknownGrid: HTTPStatus.NOT_FOUND,
    planning.NotYours: HTTPStatus.FORBIDDEN,
    planning.CannotSuggest: HTTPStatus.UNPROCESSABLE_ENTITY,
    planning.NotADraft: HTTPStatus.CONFLICT,
    planning.VersionNeeded: HTTPStatus.PRECONDITION_REQUIRED,
    planning.StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    planning.NothingToMend: HTTPStatus.CONFLICT,
    planning.WrongStep: HTTPStatus.CONFLICT,
    planning.StandsAgainst: HTTPStatus.CONFLICT,
    planning.AlreadyRecorded: HTTPStatus.CONFLICT,
    planning.UnknownLetter: HTTPStatus.NOT_FOUND,
    planning.TooManyLetters: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownComment: HTTPStatus.NOT_FOUND,
    planning.NothingToUndo: HTTPStatus.CONFLICT,
    planning.ChangedSince: HTTPStatus.CONFLICT,
    CannotEdit: HTTPStatus.UNPROCESSABLE_ENTITY,
    EditFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    WrongGeometry: HTTPStatus.UNPROCESSABLE_ENTITY,
    supervision.SwappedPlace: HTTPStatus.UNPROCESSABLE_ENTITY,
    supervision.UnknownSource: HTTPStatus.NOT_FOUND,
    supervision.NothingPublished: HTTPStatus.NOT_FOUND,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    OutputError: HTTPStatus.INSUFFICIENT_STORAGE,
    InputError: HTTPStatus.BAD_REQUEST,
    GisgridError: HTTPStatus.BAD_REQUEST,
}
"""The status of an error: that of the nearest class above it."""

_ASK_AGAIN = Text(zh="请稍后重试。", en="Try again in a moment.")
_AWAY = Unavailable(Text(zh="数据库暂时不可用。", en="The database is away for the moment."), todo=_ASK_AGAIN)
BUSY = Unavailable(
    Text(zh="服务器正忙，没有空闲的数据库连接。", en="The server is busy: no connection is free."),
    todo=_ASK_AGAIN,
)
_TOO_LONG = Unavailable(
    Text(zh="查询用时超过了上限，已停止。", en="The query took longer than it may, and was stopped."),
    todo=Text(zh="请缩小范围或减少条件后重试。", en="Ask for a smaller area or less, and try again."),
)
_INTERNAL = Text(zh="服务器内部错误。", en="The server made an error.")
_REPORT = Text(
    zh="请稍后重试；如仍出错，请把 request_id 告诉管理员。",
    en="Try again; if it stays, tell the administrator the request_id.",
)

SQLSTATE: Mapping[str, GisgridError] = {
    "57014": _TOO_LONG,  # query_canceled: the statement timeout
    "55P03": BUSY,  # lock_not_available
    "40": BUSY,  # serialization failure, deadlock
    "53100": OutputError(
        Text(zh="服务器磁盘已满，没有保存。", en="The server's disk is full; nothing was saved."),
        todo=Text(zh="请联系管理员。", en="Tell the administrator."),
    ),
    "53": BUSY,
    "57P": _AWAY,  # shutting down, starting up
    "08": _AWAY,
    "25006": _AWAY,  # a standby: read-only
    "GG001": Conflict(
        Text(zh="已发布的规划不可更改。", en="A published plan never changes."),
        todo=Text(zh="请新建一份草案再修改。", en="Begin a new draft and change that."),
    ),
    "GG002": Conflict(
        Text(zh="规划现在的状态不允许这一步。", en="Where the plan stands now, this is no next step."),
        todo=Text(zh="请刷新，查看它的状态。", en="Reload, and see where it stands."),
    ),
    "42501": Forbidden(
        Text(zh="您的账号不能这样做。", en="Your account may not do this."),
        todo=Text(zh="请联系管理员。", en="Ask an administrator."),
    ),
    "23505": Conflict(
        Text(zh="同名的已经存在。", en="One of that name exists already."),
        todo=Text(zh="请换一个名称。", en="Choose another name."),
    ),
    "23503": Conflict(
        Text(
            zh="它引用的或引用它的内容不允许这样做。",
            en="Something it refers to, or that refers to it, forbids this.",
        ),
        todo=Text(zh="请刷新后检查。", en="Reload, and look again."),
    ),
    "23": Unprocessable(
        Text(zh="内容不符合规则，没有保存。", en="The content breaks a rule; nothing was saved."),
        todo=Text(zh="请检查后重试。", en="Check it, and try again."),
    ),
    "22": InputError(
        Text(zh="有一个值超出范围或无法识别。", en="A value is out of range or cannot be understood."),
        todo=Text(zh="请检查后重试。", en="Check it, and try again."),
    ),
}
"""What an error of PostgreSQL means to who asked, by the beginning of its SQLSTATE, the longest first."""


def status_of(error: GisgridError) -> HTTPStatus:
    """The HTTP status of an error."""
    return next(STATUS[each] for each in type(error).__mro__ if each in STATUS)


def problem(request: Request, error: GisgridError) -> JSONResponse:
    """An error as an answer."""
    lang = asked_language(request)
    status = status_of(error)
    return problem_response(
        request,
        status,
        kind=_hyphened(type(error).__name__),
        detail=error.what.of(lang),
        where=error.where,
        todo=error.todo.of(lang),
        headers=_headers(request, status, error),
        more=_more(error, lang),
    )


def _more(error: GisgridError, lang: Lang) -> Mapping[str, Any]:
    """What an error says beside its sentence, for programs."""
    if isinstance(error, planning.StandsAgainst):
        return {"keys": list(error.keys)}
    if not isinstance(error, planning.StaleVersion):
        return {}
    changed = [
        {"number": each.number, "by": each.by, "at": each.at.isoformat(), "summary": each.summary.of(lang)}
        for each in error.changed
    ]
    return {"changed": changed}


def problem_response(
    request: Request,
    status: HTTPStatus,
    *,
    kind: str,
    detail: str,
    todo: str,
    where: str = "",
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """A problem+json answer."""
    content: dict[str, Any] = {
        "type": f"urn:gisgrid:problem:{kind}",
        "title": status.phrase,
        "status": status.value,
        "detail": _sayable(detail),
        "todo": todo,
        "request_id": request.scope.get("gisgrid.request_id"),
    }
    if where:
        content["where"] = _sayable(where)
    content |= more or {}
    return JSONResponse(
        content,
        status,
        {"Cache-Control": "no-store", "Content-Language": asked_language(request).value, **(headers or {})},
        media_type="application/problem+json",
    )


def _sayable(text: str) -> str:
    """A text that may quote what was sent, without halves of characters, which no answer can carry."""
    return text.encode(errors="replace").decode()


def _hyphened(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _headers(request: Request, status: HTTPStatus, error: GisgridError) -> dict[str, str]:
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after_s)}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_S)}
    if status is HTTPStatus.UNAUTHORIZED:
        # A page's own requests must not make the browser ask for a password in a window of its own.
        of_page = request.headers.get("sec-fetch-mode", "navigate") != "navigate"
        asks_basic = not of_page and not request.url.path.startswith("/api/session")
        challenge = 'Basic realm="gisgrid", charset="UTF-8"' if asks_basic else 'Bearer realm="gisgrid"'
        return {"WWW-Authenticate": challenge}
    return {}


# From exceptions to errors


def of_database(error: Exception) -> GisgridError | None:
    """What a failure of the database means to who asked; None: it is a mistake of ours."""
    if isinstance(error, PoolTimeout):
        return BUSY
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if state[:length] in SQLSTATE and len(state) >= length:
            return SQLSTATE[state[:length]]
    if isinstance(cause, psycopg.DataError):  # without a state: found before it was sent, such as a NUL
        return SQLSTATE["22"]
    lost = isinstance(cause, psycopg.OperationalError) and not state
    if lost or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return _AWAY
    return None


def internal(request: Request, error: Exception) -> JSONResponse:
    """The answer to a mistake of ours, whose stack goes to the log."""
    log.error("failed", request_id=request.scope.get("gisgrid.request_id"), exc_info=error)
    lang = asked_language(request)
    return problem_response(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        kind="internal",
        detail=_INTERNAL.of(lang),
        todo=_REPORT.of(lang),
    )


async def on_gisgrid_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an error that says itself what is wrong."""
    assert isinstance(error, GisgridError)  # noqa: S101 -- as registered
    return problem(request, error)


async def on_database_error(request: Request, error: Exception) -> JSONResponse:
    """Answer a failure of the database."""
    known = of_database(error)
    if known is None:
        return internal(request, error)
    if isinstance(known, Unavailable | OutputError):
        request_id = request.scope.get("gisgrid.request_id")
        log.warning("database", reason=_reason(error), request_id=request_id)
    return problem(request, known)


def _reason(error: Exception) -> str:
    """The failure without SQL and parameters."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"


async def on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    """Answer a request whose parameters or body are not as they must be."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- as registered
    status, known = explain(error)
    lang = asked_language(request)
    return problem_response(
        request,
        status,
        kind="invalid-request",
        detail=known.what.of(lang),
        where=known.where,
        todo=known.todo.of(lang),
    )


_HTTP: Mapping[int, Text] = {
    404: Text(zh="没有这个地址。", en="There is nothing at this address."),
    405: Text(zh="这个地址不接受这种请求。", en="This address does not take such requests."),
    413: Text(zh="请求内容过大。", en="The body of the request is too large."),
}
_CHECK_ADDRESS = Text(zh="请检查请求。", en="Check the request.")


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 -- as registered
    lang = asked_language(request)
    status = HTTPStatus(error.status_code)
    said = _HTTP.get(error.status_code)
    return problem_response(
        request,
        status,
        kind=_hyphened(status.name.replace("_", "-")),
        detail=said.of(lang) if said else status.phrase,
        todo=_CHECK_ADDRESS.of(lang),
        headers=error.headers,
    )


HANDLERS: Mapping[int | type[Exception], Any] = {
    GisgridError: on_gisgrid_error,
    DBAPIError: on_database_error,
    PoolTimeout: on_database_error,
    psycopg.Error: on_database_error,
    RequestValidationError: on_invalid_request,
    HTTPException: on_http_exception,
}
"""The application's exception handlers."""
