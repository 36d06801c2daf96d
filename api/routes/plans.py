"""The plans that one may see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import BearerSession, Identity, LoggedIn, OwnSession
from api.drafts import must_plan
from api.layer_reading import MAX_PLAN
from api.plan_choice import chosen_plan
from api.words import Bilingual
from gisgrid.model import Plan, PlanState
from gisgrid.planning.drafts import begin_revision
from gisgrid.planning.drawn import Name
from gisgrid.planning.plans import PlanEntry, PlanHead, list_plans
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import prolong
from gisgrid.text import Text

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


class EditedShown(BaseModel):
    """Who edited a plan last, and when."""

    by: str
    at: datetime


class PlanCounted(PlanShown):
    """A plan with its grids by level and its findings by kind; a visitor sees no findings, and no edits."""

    base: int | None
    grids: dict[str, int]
    findings: dict[str, int]
    created_at: datetime | None
    updated_at: datetime | None
    edited: EditedShown | None
    may_discard: bool
    may_withdraw: bool
    may_restore: bool

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
            edited=None if entry.edited is None else EditedShown(**vars(entry.edited)),
            may_discard=entry.may_discard,
            may_withdraw=entry.may_withdraw,
            may_restore=entry.may_restore,
        )


@router.get("/api/plans")
def list_visible_plans(identity: Identity, session: OwnSession, discarded: bool = False) -> list[PlanCounted]:
    """The plans, the latest first: published and superseded ones, and drafts for those who work on them.

    Drafts that were put away are listed with `discarded=true` only.
    """
    found = list_plans(session, is_public=identity is None, with_discarded=discarded)
    return [PlanCounted.counted(each) for each in found]


class TitleGiven(BaseModel):
    """A title in both languages."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    zh: Name
    en: Name


class RevisionRequest(BaseModel):
    """A draft that begins as a copy of the plan `base`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    base: Annotated[int, Field(ge=1, le=MAX_PLAN)]
    title: TitleGiven


@router.post("/api/plans", status_code=201)
def begin_draft(wanted: RevisionRequest, asker: LoggedIn, session: BearerSession) -> PlanCounted:
    """Begin a revision of a plan: a draft with the same grids. For planners who oversee all of it."""
    must_plan(asker)
    base = session.get(Plan, chosen_plan(session, wanted.base))
    assert base is not None  # noqa: S101 -- as chosen
    title = Text(wanted.title.zh, wanted.title.en)
    prolong(session)
    draft = begin_revision(session, base, title, by=asker.login)
    recompute_plan(session, draft.id)
    (entry,) = list_plans(session, is_public=False, only=draft.id)
    return PlanCounted.counted(entry)
