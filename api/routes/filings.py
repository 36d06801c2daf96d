"""Filing upward (备案): which grids have filed their part of a plan with the level above, which have not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import BearerSession
from api.drafts import Overseer, Planner, PlanReader, VisiblePlan
from gisgrid.model import FilingState
from gisgrid.planning import filing
from gisgrid.planning.drawn import Uid
from gisgrid.planning.filing import FilingTold, count_filings, filings_of

router = APIRouter(prefix="/api/plans/{plan_id}/filings", tags=["filing"])

Note = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2200, 12, 31))]


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class FilingShown(BaseModel):
    """How the filing of a grid's part stands, and what the asker may do next."""

    grid: Named
    level: int
    with_grid: Named
    state: FilingState
    deadline: date | None
    overdue_days: int
    filed_by: str | None
    filed_at: datetime | None
    answered_by: str | None
    answered_at: datetime | None
    note: str | None
    has_changed: bool
    is_own: bool
    may_file: bool
    may_answer: bool
    may_set_deadline: bool

    @classmethod
    def of(cls, told: FilingTold) -> FilingShown:
        """The same, for an answer."""
        names = {"grid": Named(**vars(told.grid)), "with_grid": Named(**vars(told.with_grid))}
        return cls(**(vars(told) | names))


class FilingsCounted(BaseModel):
    """How many grids must file, and how far they have come; `filed` counts what was accepted too."""

    total: int
    filed: int
    accepted: int
    returned: int
    not_filed: int
    overdue: int


class FilingsShown(BaseModel):
    """All filings that the asker sees, overdue ones first."""

    counts: FilingsCounted
    filings: list[FilingShown]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    note: Note | None = None


class FilingReturn(_Body):
    """What should change before it is filed again."""

    note: Note


class Deadline(BaseModel):
    """By which day some grids must file; null: there is none."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    deadline: Day | None
    grids: Annotated[list[Uid], Field(min_length=1, max_length=5_000)]


@router.get("")
def show_filings(plan: VisiblePlan, reader: PlanReader, session: BearerSession) -> FilingsShown:
    """Every grid of the plan that files with one above it, as far as the asker oversees it."""
    return _shown(filings_of(session, plan))


@router.put("/deadline")
def set_deadline(
    body: Deadline, plan: VisiblePlan, overseer: Overseer, session: BearerSession
) -> FilingsShown:
    """Set by which day grids below one's own must file."""
    return _shown(filing.set_deadline(session, plan, body.grids, body.deadline))


@router.post("/{grid_uid}/file")
def file_part(
    body: _Body, grid_uid: Uid, plan: VisiblePlan, planner: Planner, session: BearerSession
) -> FilingShown:
    """File a grid's part of the plan with the level above."""
    return FilingShown.of(filing.file_part(session, plan, grid_uid, note=body.note))


@router.post("/{grid_uid}/accept")
def accept_filing(
    body: _Body, grid_uid: Uid, plan: VisiblePlan, overseer: Overseer, session: BearerSession
) -> FilingShown:
    """Accept what a grid below has filed."""
    return FilingShown.of(filing.accept(session, plan, grid_uid, note=body.note))


@router.post("/{grid_uid}/return")
def return_filing(
    body: FilingReturn, grid_uid: Uid, plan: VisiblePlan, overseer: Overseer, session: BearerSession
) -> FilingShown:
    """Return what a grid below has filed, with what should change."""
    return FilingShown.of(filing.give_back(session, plan, grid_uid, note=body.note))


def _shown(told: list[FilingTold]) -> FilingsShown:
    return FilingsShown(
        counts=FilingsCounted(**vars(count_filings(told))),
        filings=[FilingShown.of(each) for each in told],
    )
