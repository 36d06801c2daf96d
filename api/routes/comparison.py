"""What changed between two versions of a plan."""

from __future__ import annotations

from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import select

from api.dependencies import BearerSession
from api.drafts import NO_PLAN, PlanReader, VisiblePlan
from api.layer_reading import MAX_PLAN
from gisgrid.model import Plan
from gisgrid.planning.comparison import Difference, GridDifference, PersonConcerned, compare_plans

router = APIRouter(tags=["review"])


class GridChanged(BaseModel):
    """One difference of one grid; `geometry` is the land gained or lost."""

    uid: str
    name: str
    change: Difference
    area_m2_before: float | None
    area_m2_after: float | None
    geometry: dict[str, Any] | None
    name_before: str | None

    @classmethod
    def of(cls, each: GridDifference) -> GridChanged:
        """The same, for an answer."""
        land = None if each.geometry is None else shapely.geometry.mapping(each.geometry)
        return cls(**(vars(each) | {"geometry": land}))


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class Concerned(BaseModel):
    """Somebody who holds a post in a grid that changed."""

    name: str
    title: str
    grid: Named

    @classmethod
    def of(cls, each: PersonConcerned) -> Concerned:
        """The same, for an answer."""
        return cls(name=each.name, title=each.title, grid=Named(uid=each.grid_uid, name=each.grid_name))


class ChangesShown(BaseModel):
    """The differences, how many sources change hands, and the people concerned."""

    grids: list[GridChanged]
    sources_moved: int
    people_affected: list[Concerned]


@router.get("/api/plans/{plan_id}/changes")
def show_changes(
    plan: VisiblePlan,
    reader: PlanReader,
    session: BearerSession,
    since: Annotated[int, Query(ge=1, le=MAX_PLAN)],
) -> ChangesShown:
    """What makes a plan differ from the plan `since`."""
    if session.scalar(select(Plan.id).where(Plan.id == since)) is None:
        raise NO_PLAN
    found = compare_plans(session, plan, since)
    return ChangesShown(
        grids=[GridChanged.of(each) for each in found.grids],
        sources_moved=found.sources_moved,
        people_affected=[Concerned.of(each) for each in found.people],
    )
