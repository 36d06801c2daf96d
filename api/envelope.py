"""What surrounds every request: an id, time limits, headers, a line in the log, figures, and no stack."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.credentials import is_https
from api.metrics import Metrics
from api.security import security_headers
from gisgrid.errors import GisgridError
from gisgrid.text import Text

log = structlog.get_logger("gisgrid.access")

BODY_S = 30.0
"""For the next piece of a request's body to arrive."""
ANSWER_S = 120.0
"""From a request to the end of its answer; downloads of large layers included."""

_SLOW_BODY = Text(zh="请求内容发送过慢。", en="The body of the request came too slowly.")
_SEND_AGAIN = Text(zh="请重试。", en="Send it again.")
_TOO_LONG = errors.Unavailable(
    Text(zh="请求用时超过了上限。", en="The request took longer than it may."),
    todo=Text(zh="请缩小范围后重试。", en="Ask for less, and try again."),
)


class SlowBody(GisgridError):
    """A client that sends its body a byte at a time."""


@dataclass
class _Answer:
    status: int = 0
    started: bool = False
    is_replaced: bool = False


class Envelope:
    """The outermost middleware of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens inside."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        scope["gisgrid.request_id"] = secrets.token_hex(8)
        answer = _Answer()
        began = time.perf_counter()
        metrics: Metrics = scope["app"].state.metrics
        sending = _decorated(request, send, answer)
        with metrics.in_progress.track_inprogress():
            try:
                async with asyncio.timeout(ANSWER_S):
                    await self.app(scope, _patient(receive), sending)
            except Exception as error:
                await _apologise(request, error, receive, sending, answer)
            finally:
                self._note(request, answer, time.perf_counter() - began, metrics)

    def _note(self, request: Request, answer: _Answer, took_s: float, metrics: Metrics) -> None:
        route = getattr(request.scope.get("route"), "path", "(none)")
        metrics.note(request.method, route, answer.status, took_s)
        log.info(
            "request",
            method=request.method,
            path=request.url.path,  # never the query: it may hold what somebody searched for
            route=route,
            status=answer.status,
            ms=round(took_s * 1000, 1),
            client=request.client.host if request.client else None,
            login=request.scope.get("gisgrid.login"),
            request_id=request.scope["gisgrid.request_id"],
        )


def _patient(receive: Receive) -> Receive:
    """Waits for the body, but not for ever; once it is there, for the client to leave."""
    whole = False

    async def receiving() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(BODY_S):
                message = await receive()
        except TimeoutError:
            raise SlowBody(_SLOW_BODY, todo=_SEND_AGAIN) from None
        whole = not message.get("more_body", False)
        return message

    return receiving


def _decorated(request: Request, send: Send, answer: _Answer) -> Send:
    async def sending(message: Message) -> None:
        if answer.is_replaced:
            return
        if _is_bare_refusal(message):
            # Of a body that is too large, which Starlette answers by itself.
            refusal = await errors.on_http_exception(request, HTTPException(message["status"]))
            await refusal(request.scope, request.receive, sending)
            answer.is_replaced = True
            return
        if message["type"] == "http.response.start":
            answer.started, answer.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = request.scope["gisgrid.request_id"]
            for name, value in security_headers(https=is_https(request)).items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending


def _is_bare_refusal(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != 413:
        return False
    return MutableHeaders(scope=message).get("content-type", "").startswith("text/plain")


async def _apologise(
    request: Request, error: Exception, receive: Receive, send: Send, answer: _Answer
) -> None:
    """Answer what nobody else did; an answer that has begun can only be cut short."""
    if isinstance(error, TimeoutError):
        response = errors.problem(request, _TOO_LONG)
    elif isinstance(error, GisgridError):
        response = errors.problem(request, error)
    elif (known := errors.of_database(error)) is not None:
        response = errors.problem(request, known)
    else:
        response = errors.internal(request, error)
    if answer.started:
        raise error
    await response(request.scope, receive, send)
