"""What would mend the findings of a draft."""

from __future__ import annotations

from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import BearerSession
from api.drafts import Planner, VisiblePlan
from gisgrid.planning.editing import must_be_draft
from gisgrid.planning.operations import MOST_FINDINGS
from gisgrid.planning.repairing import Proposal, proposals_of
from gisgrid.spatial.editing.mending import Action

router = APIRouter(prefix="/api/plans/{plan_id}/repairs", tags=["edits"])


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class RepairShown(BaseModel):
    """A finding, the remedy, and the grids that it would change, before and after, as GeoJSON features.

    Noise is no finding: it has a `key`, which a repair names it by, and consists of several `pieces`.
    """

    finding: int | None
    key: str | None
    pieces: int
    kind: str
    size_class: str
    area_m2: float
    width_m: float
    action: Action
    receiver: Named | None
    geometry: dict[str, Any]
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]

    @classmethod
    def of(cls, each: Proposal) -> RepairShown:
        """The same, for an answer."""

        def features(shapes: Any) -> list[dict[str, Any]]:
            return [
                {
                    "type": "Feature",
                    "id": uid,
                    "geometry": shapely.geometry.mapping(shape),
                    "properties": {"uid": uid, "name": each.names[uid]},
                }
                for uid, shape in shapes.items()
            ]

        receiver = None if each.receiver is None else Named(uid=each.receiver[0], name=each.receiver[1])
        return cls(
            finding=each.finding.id,
            key=each.key,
            pieces=each.pieces,
            kind=each.finding.kind,
            size_class=each.finding.size_class,
            area_m2=each.finding.area_m2,
            width_m=each.finding.width_m,
            action=each.remedy.action,
            receiver=receiver,
            geometry=shapely.geometry.mapping(each.finding.geometry),
            before=features(each.before),
            after=features(each.after),
        )


class RepairsShown(BaseModel):
    """The remedies, the smallest defect first, and of how many more defects none is told."""

    repairs: list[RepairShown]
    left: int


@router.get("")
def list_repairs(
    plan: VisiblePlan,
    planner: Planner,
    session: BearerSession,
    limit: Annotated[int, Query(ge=1, le=MOST_FINDINGS)] = 50,
) -> RepairsShown:
    """What would mend each finding of a draft by itself, and its noise; an edit with `repair` does it.

    `limit` findings at most, and as much noise, the smallest first.
    """
    must_be_draft(session, plan)
    found = proposals_of(session, plan, most=limit)
    return RepairsShown(repairs=[RepairShown.of(each) for each in found.told], left=found.left)
