"""The course of a draft: what stands against it, submitted, returned, approved, published; or put away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import BearerSession
from api.drafts import Approver, Planner, PlanReader, VisiblePlan
from api.routes.plans import PlanCounted
from api.words import Bilingual
from gisgrid.model import DecisionAction
from gisgrid.planning import review
from gisgrid.planning.checks import Check, checks_of
from gisgrid.planning.plans import list_plans
from gisgrid.store.database import prolong

router = APIRouter(prefix="/api/plans/{plan_id}", tags=["review"])

Note = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Key = Annotated[str, Field(min_length=1, max_length=200)]


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class CheckShown(BaseModel):
    """Something that stands against a draft; `key` is what a written reason is filed under."""

    key: str
    kind: str
    blocks: bool
    title: Bilingual
    grid: Named | None
    finding: int | None
    lon: float | None
    lat: float | None
    reason: str | None

    @classmethod
    def of(cls, check: Check) -> CheckShown:
        """The same, for an answer."""
        grid = None if check.grid is None else Named(uid=check.grid.uid, name=check.grid.name)
        return cls(**(vars(check) | {"title": Bilingual.of(check.title), "grid": grid}))


class ChecksShown(BaseModel):
    """All of them; `blocking` counts those that block and have no reason yet."""

    blocking: int
    checks: list[CheckShown]


class DecisionShown(BaseModel):
    """A step of a plan's course."""

    action: DecisionAction
    by: str
    at: datetime
    note: str | None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    note: Note | None = None


class Submission(_Body):
    """Why it is submitted although some checks stand against it, by their keys."""

    reasons: Annotated[dict[Key, Note], Field(max_length=50_000)] | None = None


class Return(_Body):
    """What the planners should change."""

    note: Note


class Discard(_Body):
    """Why the draft is put away."""

    note: Note


class Publication(_Body):
    """The first day on which the plan holds, and the approval number of its map (审图号)."""

    valid_from: date
    approval_number: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")] | None = None


def _counted(session: BearerSession, plan: int) -> PlanCounted:
    session.expire_all()
    (entry,) = list_plans(session, is_public=False, only=plan)
    return PlanCounted.counted(entry)


@router.get("/checks")
def show_checks(plan: VisiblePlan, reader: PlanReader, session: BearerSession) -> ChecksShown:
    """What stands against a draft, as far as the asker sees it."""
    found = checks_of(session, plan)
    blocking = sum(each.blocks and each.reason is None for each in found)
    return ChecksShown(blocking=blocking, checks=[CheckShown.of(each) for each in found])


@router.get("/decisions")
def show_decisions(plan: VisiblePlan, reader: PlanReader, session: BearerSession) -> list[DecisionShown]:
    """The steps so far: who took them, when, and what they said."""
    return [DecisionShown(**vars(each)) for each in review.decisions_of(session, plan)]


@router.post("/submit")
def submit_draft(
    body: Submission, plan: VisiblePlan, planner: Planner, session: BearerSession
) -> PlanCounted:
    """Hand a draft to the approver."""
    prolong(session)
    review.submit(session, plan, reasons=body.reasons, note=body.note)
    return _counted(session, plan)


@router.post("/withdraw")
def withdraw_plan(body: _Body, plan: VisiblePlan, planner: Planner, session: BearerSession) -> PlanCounted:
    """Take a plan back from review."""
    review.withdraw(session, plan, note=body.note)
    return _counted(session, plan)


@router.post("/return")
def return_plan(body: Return, plan: VisiblePlan, approver: Approver, session: BearerSession) -> PlanCounted:
    """Return a plan in review to its planners."""
    review.give_back(session, plan, note=body.note)
    return _counted(session, plan)


@router.post("/approve")
def approve_plan(body: _Body, plan: VisiblePlan, approver: Approver, session: BearerSession) -> PlanCounted:
    """Approve a plan in review."""
    review.approve(session, plan, note=body.note)
    return _counted(session, plan)


@router.post("/publish")
def publish_approved(
    body: Publication, plan: VisiblePlan, approver: Approver, session: BearerSession
) -> PlanCounted:
    """Publish a plan in review: it holds from `valid_from` on, and the former one is superseded."""
    prolong(session)
    review.publish_plan(
        session, plan, body.valid_from, approval_number=body.approval_number or None, note=body.note
    )
    return _counted(session, plan)


@router.post("/discard")
def discard_draft(body: Discard, plan: VisiblePlan, planner: Planner, session: BearerSession) -> PlanCounted:
    """Put a draft away, with why: it leaves the lists, and can be restored. For who oversees all of it."""
    prolong(session)
    review.discard(session, plan, note=body.note)
    return _counted(session, plan)


@router.post("/restore")
def restore_draft(body: _Body, plan: VisiblePlan, planner: Planner, session: BearerSession) -> PlanCounted:
    """Take up a discarded draft again."""
    prolong(session)
    review.restore(session, plan, note=body.note)
    return _counted(session, plan)
