"""Access tokens for QGIS, GDAL and scripts: shown once, scoped, expiring, kept as their SHA-256."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gisgrid.accounts.errors import TooManyTokens, UnknownToken, UnusableAccount
from gisgrid.accounts.identity import ACCESS_TOKEN_PREFIX, token_hash
from gisgrid.model import AccessToken
from gisgrid.text import Text

MAX_DAYS = 366
MAX_TOKENS = 50
"""That hold at the same time, for one account."""


class Scope(StrEnum):
    """What a token allows of what its account may do."""

    READ = "read"
    WRITE = "write"
    LAST_WRITER = "last-writer-wins"  # without saying which version was known: QGIS sends no If-Match


@dataclass(frozen=True)
class NewToken:
    """A token just made: the only time that it is seen."""

    id: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class KnownToken:
    """What is known of a token afterwards."""

    id: int
    name: str
    scopes: Sequence[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = (
    AccessToken.id,
    AccessToken.name,
    AccessToken.scopes,
    AccessToken.created_at,
    AccessToken.expires_at,
    AccessToken.last_used_at,
    AccessToken.revoked_at,
)


def make_token(
    session: Session, account_id: int, *, name: str, scopes: Sequence[Scope], days: int
) -> NewToken:
    """A new token of an account.

    Raises
    ------
    UnusableAccount
        If it has no name, is to hold for too long, or lets the last writer win where it may not write.
    TooManyTokens
    """
    if not name.strip() or not 1 <= days <= MAX_DAYS:
        raise UnusableAccount(
            Text(
                zh=f"令牌要有名称，有效期为 1 到 {MAX_DAYS} 天。",
                en=f"A token has a name and holds for 1 to {MAX_DAYS} days.",
            ),
            todo=Text(zh="请改正后重试。", en="Correct it, and try again."),
        )
    if Scope.LAST_WRITER in scopes and Scope.WRITE not in scopes:
        raise UnusableAccount(
            Text(
                zh="“后写者胜”只对可以修改的令牌有意义。",
                en="The last writer can win only where a token may write.",
            ),
            where=Scope.LAST_WRITER,
            todo=Text(zh="请同时选择 write。", en="Choose write as well."),
        )
    _must_have_room(session, account_id)
    token = ACCESS_TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = AccessToken(
        account_id=account_id,
        name=name.strip(),
        token_hash=token_hash(token),
        scopes=sorted({Scope.READ.value, *(each.value for each in scopes)}),
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    return NewToken(row.id, token)


def list_tokens(session: Session, account_id: int) -> list[KnownToken]:
    """The tokens of an account, the newest first."""
    wanted = select(*_COLUMNS).where(AccessToken.account_id == account_id).order_by(AccessToken.id.desc())
    return [KnownToken(*row) for row in session.execute(wanted)]


def revoke_token(session: Session, token_id: int, *, account_id: int | None = None) -> None:
    """End a token at once; of this account, if one is named. A revoked one stays revoked.

    Raises
    ------
    UnknownToken
    """
    ours = [AccessToken.id == token_id]
    if account_id is not None:
        ours.append(AccessToken.account_id == account_id)
    if session.scalar(select(AccessToken.id).where(*ours)) is None:
        raise UnknownToken(
            Text(zh="没有这个令牌。", en="There is no such token."),
            where=str(token_id),
            todo=Text(zh="请查看令牌列表。", en="Look at the list of tokens."),
        )
    session.execute(
        update(AccessToken)
        .where(*ours, AccessToken.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .execution_options(synchronize_session=False)
    )


def _must_have_room(session: Session, account_id: int) -> None:
    holding = select(func.count(AccessToken.id)).where(
        AccessToken.account_id == account_id,
        AccessToken.revoked_at.is_(None),
        AccessToken.expires_at > func.now(),
    )
    if (session.scalar(holding) or 0) >= MAX_TOKENS:
        raise TooManyTokens(
            Text(zh=f"已有 {MAX_TOKENS} 个有效的令牌。", en=f"There are {MAX_TOKENS} valid tokens already."),
            todo=Text(zh="请先撤销不用的令牌。", en="Revoke those that are not used."),
        )
