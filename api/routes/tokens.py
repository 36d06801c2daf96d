"""One's own access tokens, for QGIS, GDAL and scripts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import BearerSession, Person
from gisgrid.accounts.tokens import MAX_DAYS, KnownToken, Scope, list_tokens, make_token, revoke_token

router = APIRouter(prefix="/api/tokens", tags=["tokens"])


class TokenRequest(BaseModel):
    """What a new token is for, what it allows, and for how many days.

    `last-writer-wins` needs `write`: changes count although nothing says on which version they were
    drawn, for programs such as QGIS that send no If-Match.
    """

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[Scope], Field(max_length=4)] = [Scope.READ]
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 90


class TokenEntry(BaseModel):
    """A token, without the token."""

    id: int
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, known: KnownToken) -> TokenEntry:
        """The same, for an answer."""
        return cls.model_validate(known, from_attributes=True)


class TokenShown(TokenEntry):
    """A token, shown this once."""

    token: str


@router.get("")
def list_own_tokens(person: Person, session: BearerSession) -> list[TokenEntry]:
    """The tokens of who is logged in, the newest first."""
    return [TokenEntry.of(each) for each in list_tokens(session, person.id)]


@router.post("", status_code=201)
def make_own_token(wanted: TokenRequest, person: Person, session: BearerSession) -> TokenShown:
    """Make a token; this is the only time that it is shown."""
    made = make_token(session, person.id, name=wanted.name, scopes=wanted.scopes, days=wanted.days)
    known = next(each for each in list_tokens(session, person.id) if each.id == made.id)
    return TokenShown(**TokenEntry.of(known).model_dump(), token=made.token)


@router.delete("/{token_id}", status_code=204)
def revoke_own_token(
    token_id: Annotated[int, Path(ge=1, lt=2**63)], person: Person, session: BearerSession
) -> None:
    """End a token at once."""
    revoke_token(session, token_id, account_id=person.id)
