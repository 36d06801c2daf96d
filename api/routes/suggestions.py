"""Unit grids and key areas suggested for a draft; an edit with `adopt` or `carve` takes one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.dependencies import BearerSession
from api.drafts import Planner, VisiblePlan
from api.errors import BUSY
from api.words import Bilingual
from gisgrid.model import UnitBasis
from gisgrid.planning.drawn import Uid
from gisgrid.planning.key_areas import KeyAreaSuggestion, suggested_key_areas
from gisgrid.planning.suggesting import SuggestedUnits, place_of, suggested_units
from gisgrid.spatial.suggesting.plans import MOST_UNITS
from gisgrid.supervision.workload import workload_at

router = APIRouter(prefix="/api/plans/{plan_id}/suggestions", tags=["edits"])

WAIT_S = 8.0
"""How long a request waits for the one that is being worked out: each takes a whole processor."""

_working = threading.Lock()


class UnitShown(BaseModel):
    """A unit grid; `weighted` is the weight of its sources by class, `area` a GeoJSON geometry."""

    name: str
    area: dict[str, Any]
    area_m2: float
    sources: int
    weighted: int
    officers: int


class UnitsShown(BaseModel):
    """One way to divide the owner.

    `deviation` is max |weight - mean| / mean over the units, `compactness` the mean of their Polsby-Popper
    scores and `compactness_min` the least.
    """

    deviation: float
    compactness: float
    compactness_min: float
    officers: int
    units: list[UnitShown]

    @classmethod
    def of(cls, each: SuggestedUnits) -> UnitsShown:
        """The same, for an answer."""
        return cls(
            deviation=each.deviation,
            compactness=each.compactness,
            compactness_min=each.compactness_min,
            officers=each.officers,
            units=[
                UnitShown(**(vars(unit) | {"area": shapely.geometry.mapping(unit.area)}))
                for unit in each.units
            ],
        )


class UnitSuggestionsShown(BaseModel):
    """Ways to divide the owner, the most even first; none is beaten by another in all three measures."""

    suggestions: list[UnitsShown]
    cells: int
    basis: UnitBasis | None
    notes: list[Bilingual]


class KeyAreaShown(BaseModel):
    """An area that deserves a key grid, and why; `area` is a GeoJSON geometry."""

    rank: int
    score: float
    reason: Bilingual
    area: dict[str, Any]
    area_m2: float
    sources: int
    class_c: int
    receptors: int
    weighted: int

    @classmethod
    def of(cls, each: KeyAreaSuggestion) -> KeyAreaShown:
        """The same, for an answer."""
        told = {"reason": Bilingual.of(each.reason), "area": shapely.geometry.mapping(each.area)}
        return cls(**(vars(each) | told))


class Named(BaseModel):
    """A grid, by name."""

    uid: str
    name: str


class KeyAreasShown(BaseModel):
    """The areas in a grid, the most urgent first."""

    within: Named
    areas: list[KeyAreaShown]
    notes: list[Bilingual]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _working.acquire(timeout=WAIT_S):
        raise BUSY
    try:
        yield
    finally:
        _working.release()


def _load_per_officer(session: Session, plan: int, owner: str) -> float | None:
    """What an officer of the owner's level supervises now, on the average; None where there is none."""
    loads = workload_at(session, plan, place_of(session, plan, owner).level)
    officers = sum(each.officers for each in loads)
    weighted = sum(each.weighted for each in loads)
    return weighted / officers if officers and weighted else None


@router.get("/units")
def suggest_unit_grids(
    plan: VisiblePlan,
    planner: Planner,
    session: BearerSession,
    owner: Annotated[Uid, Query(description="要划分的行政网格。 The uid of the grid to divide.")],
    number: Annotated[int, Query(ge=2, le=MOST_UNITS, description="单元数。 How many units.")],
    seed: Annotated[int, Query(ge=0, lt=2**31, description="换一批方案。 Another, other plans.")] = 0,
) -> UnitSuggestionsShown:
    """Several ways to divide a grid of a draft into unit grids, from the most even to the most compact."""
    load_per_officer = _load_per_officer(session, plan, owner)
    with _one_at_a_time():
        found = suggested_units(session, plan, owner, number, load_per_officer=load_per_officer, seed=seed)
    return UnitSuggestionsShown(
        suggestions=[UnitsShown.of(each) for each in found.suggestions],
        cells=found.cells,
        basis=found.basis,
        notes=[Bilingual.of(each) for each in found.notes],
    )


@router.get("/key-areas")
def suggest_key_areas(
    plan: VisiblePlan,
    planner: Planner,
    session: BearerSession,
    within: Annotated[
        Uid | None,
        Query(description="行政网格；缺省为全辖区。 The uid of a grid; by default all."),
    ] = None,
) -> KeyAreasShown:
    """Areas of dense or large polluters near receptors, the most urgent first, with the reason in words."""
    with _one_at_a_time():
        found = suggested_key_areas(session, plan, within)
    return KeyAreasShown(
        within=Named(uid=found.within.uid, name=found.within.name),
        areas=[KeyAreaShown.of(each) for each in found.areas],
        notes=[Bilingual.of(each) for each in found.notes],
    )
