"""Remarks about places of a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import BearerSession
from api.drafts import Commenter, PlanReader, VisiblePlan
from gisgrid.planning import comments
from gisgrid.planning.comments import CommentTold
from gisgrid.planning.drawn import Uid

router = APIRouter(prefix="/api/plans/{plan_id}/comments", tags=["review"])

Words = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class CommentShown(BaseModel):
    """A remark: where, what, by whom, and whether it is settled."""

    id: int
    lon: float
    lat: float
    text: str
    grid: Named | None
    by: str
    at: datetime
    resolved_at: datetime | None
    resolved_by: str | None

    @classmethod
    def of(cls, told: CommentTold) -> CommentShown:
        """The same, for an answer."""
        grid = None if told.grid is None else Named(uid=told.grid[0], name=told.grid[1])
        return cls(**(vars(told) | {"grid": grid}))


class Remark(BaseModel):
    """A remark about a place, and the grid that is meant."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    text: Words
    grid: Uid | None = None


@router.get("")
def list_comments(plan: VisiblePlan, reader: PlanReader, session: BearerSession) -> list[CommentShown]:
    """The remarks that the asker sees, the latest first."""
    return [CommentShown.of(each) for each in comments.comments_of(session, plan)]


@router.post("", status_code=201)
def make_comment(
    body: Remark, plan: VisiblePlan, commenter: Commenter, session: BearerSession
) -> CommentShown:
    """Remark something about a place of a plan that is being worked on."""
    return CommentShown.of(comments.remark(session, plan, (body.lon, body.lat), body.text, grid=body.grid))


@router.post("/{comment_id}/resolve")
def settle_comment(
    comment_id: Annotated[int, Path(ge=1, le=2**62)],
    plan: VisiblePlan,
    commenter: Commenter,
    session: BearerSession,
) -> CommentShown:
    """Mark a remark as settled."""
    return CommentShown.of(comments.settle(session, plan, comment_id))
