"""How much each grid has to supervise."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import BearerSession, LoggedIn
from api.plan_choice import chosen_plan
from gisgrid.supervision.workload import workload_at

router = APIRouter(tags=["workload"])

Level = Annotated[int, Query(ge=1, le=20, description="网格层级。 The level of the grids.")]


class WorkloadShown(BaseModel):
    """A grid's sources by class, their weight, and its supervisors; no figure each where there is none."""

    uid: str
    name: str
    level: int
    sources: int
    a: int
    b: int
    c: int
    undetermined: int
    weighted: int
    officers: int
    weighted_per_officer: float | None


@router.get("/api/workload")
def show_workload(asker: LoggedIn, session: BearerSession, level: Level = 2) -> list[WorkloadShown]:
    """The published plan's grids of one level inside one's jurisdiction, the heaviest load first."""
    loads = workload_at(session, chosen_plan(session, None), level, jurisdiction=asker.jurisdiction)
    return [WorkloadShown(**vars(each)) for each in loads]
