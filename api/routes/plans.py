"""The plans that one may see."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import Identity, OwnSession
from api.words import Bilingual
from gisgrid.model import PlanState
from gisgrid.planning.plans import PlanEntry, PlanHead, list_plans

router = APIRouter(tags=["plans"])


class PlanShown(BaseModel):
    """What a plan is called, and how it stands."""

    id: int
    title: Bilingual
    state: PlanState
    valid_from: date | None
    valid_to: date | None
    approval_number: str | None

    @classmethod
    def of(cls, head: PlanHead) -> PlanShown:
        """The same, for an answer."""
        return cls(
            id=head.id,
            title=Bilingual.of(head.title),
            state=head.state,
            valid_from=head.valid_from,
            valid_to=head.valid_to,
            approval_number=head.approval_number,
        )


class PlanCounted(PlanShown):
    """A plan with its grids by level and its findings by kind; a visitor sees no findings."""

    base: int | None
    grids: dict[str, int]
    findings: dict[str, int]
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def counted(cls, entry: PlanEntry) -> PlanCounted:
        """The same, for an answer."""
        return cls(
            **PlanShown.of(entry.head).model_dump(),
            base=entry.base,
            grids=entry.grids,
            findings=entry.findings,
            created_at=entry.created_at,
            updated_at=entry.updated_at,
        )


@router.get("/api/plans")
def list_visible_plans(identity: Identity, session: OwnSession) -> list[PlanCounted]:
    """The plans, the latest first: published and superseded ones, and drafts for those who work on them."""
    return [PlanCounted.counted(each) for each in list_plans(session, is_public=identity is None)]
