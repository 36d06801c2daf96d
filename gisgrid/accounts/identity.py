"""Who holds a token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text

from gisgrid.model import AccountRole
from gisgrid.store.database import Database

ACCESS_TOKEN_PREFIX = "gg_"  # noqa: S105 -- tells the two kinds of token apart, and leaked ones when searched for


class TokenKind(StrEnum):
    """How somebody proved who they are."""

    SESSION = "session"
    ACCESS_TOKEN = "token"  # noqa: S105


@dataclass(frozen=True)
class Asker:
    """The account that holds a token.

    Attributes
    ----------
    id : int
    login, name : str
    role : AccountRole
    jurisdiction : str or None
        The uid of a grid; None: the whole platform.
    department_id : int or None
    department : str or None
        Its code.
    kind : TokenKind
    may_write : bool
        Whether this token may change anything at all.
    last_writer_wins : bool
        Whether this token may change drafts without naming the version that it knows.
    """

    id: int
    login: str
    name: str
    role: AccountRole
    jurisdiction: str | None
    department_id: int | None
    department: str | None
    kind: TokenKind
    may_write: bool
    last_writer_wins: bool = False


_WHO = text(
    """
    SELECT a.id, a.login, a.name, a.role, a.jurisdiction, a.department_id, d.code, i.may_write,
        gisgrid.last_writer_wins()
    FROM gisgrid.identity() i
    JOIN gisgrid.account a ON a.id = i.account_id
    LEFT JOIN gisgrid.department d ON d.id = a.department_id
    """
)
_NOTE_USE = text("SELECT gisgrid.note_token_use()")


def identify(database: Database, token: str) -> Asker | None:
    """The account that holds this token; None if nobody does, or it has ended."""
    if not token or "\x00" in token:
        return None
    kind = TokenKind.ACCESS_TOKEN if token.startswith(ACCESS_TOKEN_PREFIX) else TokenKind.SESSION
    with database.bearer(token) as session:
        found = session.execute(_WHO).one_or_none()
        if found is None:
            return None
        if kind is TokenKind.ACCESS_TOKEN:
            session.execute(_NOTE_USE)
        account, login, name, role, jurisdiction, department_id, department, may_write, last_wins = found
        return Asker(
            account,
            login,
            name,
            AccountRole(role),
            jurisdiction,
            department_id,
            department,
            kind,
            may_write,
            last_wins,
        )


def token_hash(token: str) -> bytes:
    """What is kept of a token: nobody who reads the database can use it."""
    return hashlib.sha256(token.encode()).digest()
