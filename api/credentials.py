"""The token that a request carries: a browser's session cookie, or a program's access token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from gisgrid.accounts.identity import ACCESS_TOKEN_PREFIX, TokenKind

COOKIE = "gisgrid_session"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""Over https: browsers take a cookie of this name only from this host, and only with Secure and Path=/."""


@dataclass(frozen=True)
class Credential:
    """A token, and how it was sent."""

    token: str = field(repr=False)
    kind: TokenKind


def credential_of(request: HTTPConnection) -> Credential | None:
    """The token of a request; what is written out in Authorization comes before the cookie."""
    sent = request.headers.get("authorization")
    if sent is not None:
        token = _bearer_or_password(sent)
        return Credential(token, TokenKind.ACCESS_TOKEN)
    cookie = session_cookie(request)
    return None if cookie is None else Credential(cookie, TokenKind.SESSION)


def session_cookie(request: HTTPConnection) -> str | None:
    """The session token in the cookie; an access token put there does not count."""
    token = request.cookies.get(SECURE_COOKIE if is_https(request) else COOKIE)
    if not token or token.startswith(ACCESS_TOKEN_PREFIX) or len(token) > 200:
        return None
    return token


def is_https(request: HTTPConnection) -> bool:
    """Whether people reach the site by https, be it that a proxy speaks it for us."""
    public_url: str | None = request.app.state.settings.public_url
    return request.url.scheme == "https" or (public_url or "").lower().startswith("https:")


def csrf_token(session_token: str) -> str:
    """What a page must send beside its cookie to change something; other sites cannot know it."""
    digest = hmac.digest(session_token.encode(), b"gisgrid csrf", hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _bearer_or_password(sent: str) -> str:
    """The access token in an Authorization header; empty where there is none, which nobody holds."""
    scheme, _, value = sent.partition(" ")
    token = value.strip()
    if scheme.lower() == "basic":
        try:
            token = base64.b64decode(token, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    elif scheme.lower() != "bearer":
        return ""
    known = token.startswith(ACCESS_TOKEN_PREFIX) and len(token) <= 200 and token.isascii()
    return token if known else ""
