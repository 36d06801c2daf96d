"""What is not covered, in figures."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import BearerSession, LoggedIn
from api.layer_reading import PlanNumber
from api.plan_choice import chosen_plan
from api.words import Bilingual
from gisgrid.frames import FindingKind, SizeClass
from gisgrid.supervision.coverage_summary import LevelSum, coverage_of

router = APIRouter(tags=["coverage"])


class FindingSum(BaseModel):
    """The findings of one kind and size."""

    kind: FindingKind
    size_class: SizeClass
    count: int
    area_m2: float


class LevelShown(BaseModel):
    """One level: its grids, what its division lacks, and grids without a first responsible person."""

    level: int
    name: Bilingual
    grids: int
    gaps: int
    gap_area_m2: float
    overlaps: int
    overlap_area_m2: float
    without_first: int

    @classmethod
    def of(cls, each: LevelSum) -> LevelShown:
        """The same, for an answer."""
        return cls(**(vars(each) | {"name": Bilingual.of(each.name)}))


class Coverage(BaseModel):
    """The figures of one plan, inside one's jurisdiction."""

    findings: list[FindingSum]
    uncovered_sources: int
    vacant_posts: int
    gap_area_m2: float
    overlap_area_m2: float
    by_level: list[LevelShown]


@router.get("/api/coverage")
def show_coverage(asker: LoggedIn, session: BearerSession, plan: PlanNumber = None) -> Coverage:
    """What the audit found in a plan: the published one unless another is named."""
    found = coverage_of(session, chosen_plan(session, plan), jurisdiction=asker.jurisdiction)
    return Coverage(
        findings=[FindingSum(**vars(each)) for each in found.findings],
        uncovered_sources=found.uncovered_sources,
        vacant_posts=found.vacant_posts,
        gap_area_m2=found.gap_area_m2,
        overlap_area_m2=found.overlap_area_m2,
        by_level=[LevelShown.of(each) for each in found.by_level],
    )
