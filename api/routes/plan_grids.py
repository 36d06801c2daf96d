"""The grids of a plan with their exact outlines, for editors."""

from __future__ import annotations

from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.caching import data_version, freshness, is_fresh, make_etag, not_modified
from api.dependencies import BearerSession, LoggedIn
from api.drafts import VisiblePlan
from api.errors import Unprocessable
from gisgrid.accounts.identity import Asker
from gisgrid.model import AccountRole, Grid, GridKind, Plan, PlanState
from gisgrid.planning.draft_view import GridShown, Wanted, grids_shown
from gisgrid.planning.drawn import Uid
from gisgrid.text import Text

_SHOWN = (
    "id",
    "uid",
    "kind",
    "level",
    "code",
    "name",
    "category",
    "basis",
    "is_partial",
    "supervising_level",
    "is_indicative",
    "area_m2",
)

router = APIRouter(prefix="/api/plans/{plan_id}/grids", tags=["edits"])


class GridCollection(BaseModel):
    """GeoJSON: the grids, coarse to fine, with coordinates as they are stored."""

    type: str
    features: list[dict[str, Any]]


@router.get("", response_model=GridCollection)
def list_grids(
    request: Request,
    plan: VisiblePlan,
    asker: LoggedIn,
    session: BearerSession,
    bbox: Annotated[str | None, Query(max_length=200)] = None,
    level: Annotated[int | None, Query(ge=1, le=20)] = None,
    kind: GridKind | None = None,
    holder: Annotated[Uid | None, Query()] = None,
) -> Response:
    """The grids of a plan that the asker sees, at most 1,000; `holder`: the uid of their parent or owner."""
    version = data_version(session, ("grid", "assignment", "source", "plan"))
    etag = make_etag(version, plan, asker.id, bbox, level, kind, holder)
    if is_fresh(request, etag):
        return not_modified(etag, private=True)
    state = session.scalar(select(Plan.state).where(Plan.id == plan))
    found = grids_shown(session, plan, Wanted(_bounds(bbox), level, kind, holder))
    movable = state is PlanState.DRAFT and asker.jurisdiction is None and _has_several_tops(session, plan)
    features = [
        _feature(each, asker, is_draft=state is PlanState.DRAFT, moves_tops=movable) for each in found
    ]
    content = {"type": "FeatureCollection", "features": features}
    return JSONResponse(content, headers=freshness(etag, private=True))


def _has_several_tops(session: Session, plan: int) -> bool:
    """Whether there are several grids without a parent, whose land can change hands."""
    tops = select(Grid.id).where(
        Grid.plan_id == plan, Grid.parent_id.is_(None), Grid.kind == GridKind.ADMINISTRATIVE
    )
    return len(session.scalars(tops.limit(2)).all()) > 1


def _bounds(bbox: str | None) -> tuple[float, float, float, float] | None:
    if bbox is None:
        return None
    try:
        west, south, east, north = (float(each) for each in bbox.split(","))
    except ValueError:
        raise _bad_box(bbox) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad_box(bbox)
    return west, south, east, north


def _bad_box(bbox: str) -> Unprocessable:
    return Unprocessable(
        Text(zh="bbox 应为西,南,东,北（度）。", en="bbox is west,south,east,north in degrees."),
        where=f"bbox={bbox[:80]}",
        todo=Text(zh="请改正后重试。", en="Correct it, and try again."),
    )


def _feature(grid: GridShown, asker: Asker, *, is_draft: bool, moves_tops: bool) -> dict[str, Any]:
    columns = grid.columns
    path = list(columns["path"])
    is_overseen = asker.jurisdiction is None or asker.jurisdiction in path
    may_plan = asker.role in (AccountRole.ADMIN, AccountRole.PLANNER) and asker.may_write
    is_within_reach = grid.holder is not None or (len(path) == 1 and moves_tops)
    held_by = None if len(path) < 2 else path[-2]
    return {
        "type": "Feature",
        "id": columns["uid"],
        "geometry": shapely.geometry.mapping(grid.geometry),
        "properties": {
            **{name: columns[name] for name in _SHOWN},
            "parent_uid": held_by if columns["kind"] == "administrative" else None,
            "owner_uid": held_by if columns["kind"] != "administrative" else None,
            "holder_uid": held_by,
            "holder_etag": None if grid.holder is None else '"{}:{}"'.format(*grid.holder),
            "version": grid.version,
            "etag": f'"{columns["uid"]}:{grid.version}"',
            "may_edit": is_draft and may_plan and is_overseen and is_within_reach,
            "has_children": grid.has_children,
            "has_units": grid.has_units,
            "sources": grid.sources,
            "weighted": grid.weighted,
        },
    }
