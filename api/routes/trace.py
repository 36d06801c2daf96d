"""The way along existing boundaries, for whoever draws."""

from __future__ import annotations

from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import BearerSession, LoggedIn
from api.drafts import VisiblePlan, place_given
from gisgrid.planning.draft_view import Wanted, boundaries
from gisgrid.planning.drawn import Uid
from gisgrid.spatial.editing import trace

router = APIRouter(tags=["edits"])


class Traced(BaseModel):
    """A GeoJSON feature: a line whose coordinates are those of the boundaries, exactly."""

    type: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


@router.get("/api/plans/{plan_id}/trace")
def trace_boundary(
    plan: VisiblePlan,
    asker: LoggedIn,
    session: BearerSession,
    start: Annotated[str, Query(alias="from", max_length=100, description="lon,lat")],
    end: Annotated[str, Query(alias="to", max_length=100, description="lon,lat")],
    holder: Annotated[Uid | None, Query()] = None,
    within_m: Annotated[float, Query(gt=0, le=5_000)] = 50.0,
) -> Traced:
    """The shortest way along boundaries from one point to another, of one holder's grids or of all."""
    one, other = place_given(start, "from"), place_given(end, "to")
    found = boundaries(session, plan, Wanted(holder=holder), (one, other))
    line = trace(found, one, other, within_m=within_m)
    return Traced(type="Feature", geometry=shapely.geometry.mapping(line), properties={})
