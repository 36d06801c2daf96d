"""Headers that keep browsers in bounds, and the guard against requests that other sites make them send."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.credentials import csrf_token, session_cookie
from api.errors import Forbidden, problem
from gisgrid.text import Text

CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOGIN = ("POST", "/api/session")
"""The one unsafe request that needs no CSRF token, since it is how one gets it."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


@cache
def security_headers(*, https: bool) -> Mapping[str, str]:
    """The headers of every answer."""
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class ForgeryGuard:
    """Refuses unsafe requests that a browser may have been tricked into.

    What comes from another site (Sec-Fetch-Site, Origin) never passes. What
    rests on the session cookie also needs the token that only the page knows,
    and never passes under /ogc. Requests with an Authorization header rest on
    no cookie; no browser adds that header by itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403."""
        if scope["type"] == "http" and scope["method"] not in SAFE:
            request = Request(scope)
            refused = _refusal(request)
            if refused is not None:
                await problem(request, refused)(scope, receive, send)
                return
        await self.app(scope, receive, send)


_RELOAD = Text(zh="请刷新页面后重试。", en="Reload the page, and try again.")


def _refusal(request: Request) -> Forbidden | None:
    if _comes_from_elsewhere(request):
        return Forbidden(
            Text(zh="请求来自其他网站。", en="The request comes from another site."), todo=_RELOAD
        )
    cookie = session_cookie(request)
    if cookie is None or "authorization" in request.headers:
        return None
    if (request.method, request.url.path) == LOGIN:
        return None
    known = csrf_token(cookie)
    sent = request.headers.get(CSRF_HEADER, "")
    if hmac.compare_digest(sent.encode(), known.encode()) and not request.url.path.startswith("/ogc"):
        return None
    return Forbidden(
        Text(zh="请求缺少页面的防伪令牌。", en="The request lacks the page's anti-forgery token."),
        where=CSRF_HEADER,
        todo=_RELOAD,
    )


def _comes_from_elsewhere(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    own = {request.headers.get("host", "")}
    public_url: str | None = request.app.state.settings.public_url
    if public_url:
        own.add(urlsplit(public_url).netloc)
    return urlsplit(origin).netloc not in own
