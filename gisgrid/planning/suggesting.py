"""Unit grids suggested for an owner of a draft: evenly loaded and compact, each to be taken and edited.

read the owner, what it has to supervise, the grids below it → gisgrid.spatial.suggesting → `adopt`
"""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.frames import STORED_CRS
from gisgrid.model import SCHEMA, SRID, WORK, Grid, GridKind, SourceClass, UnitBasis
from gisgrid.planning.editing import must_be_draft
from gisgrid.planning.errors import CannotSuggest, UnknownGrid
from gisgrid.spatial.edges import Geometries
from gisgrid.spatial.suggesting.plans import UnitPlan, UnitPlans, suggest_units
from gisgrid.text import Text

LIMIT_S: Final = 5.0
"""The search ends then, with what was found."""

MOST_VERTICES: Final = 20_000
"""Of an owner and the grids below it; more would take longer to cut up than one waits."""

LEAST_STAFF: Final = 2
"""Named staff of a grid without an environmental office (the plan of Panjin, staffing)."""


@dataclass(frozen=True)
class SuggestedUnit:
    """A unit grid; `weighted` is the weight of its sources by class, `officers` how many it needs."""

    name: str
    area: BaseGeometry
    area_m2: float
    sources: int
    weighted: int
    officers: int


@dataclass(frozen=True)
class SuggestedUnits:
    """One way to divide an owner; see `UnitPlan` for the measures."""

    deviation: float
    compactness: float
    compactness_min: float
    units: tuple[SuggestedUnit, ...]

    @property
    def officers(self) -> int:
        """How many supervisors all its units need."""
        return sum(each.officers for each in self.units)


@dataclass(frozen=True)
class UnitSuggestions:
    """Ways to divide an owner, the most even first, and what one should know of them.

    `basis` is why the units are drawn as they are: along divisions, or by where the sources are.
    """

    suggestions: tuple[SuggestedUnits, ...]
    cells: int
    basis: UnitBasis | None
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class Place:
    """A grid for which something is suggested."""

    id: int
    uid: str
    name: str
    level: int
    land: shapely.Geometry


def place_of(session: Session, plan_id: int, uid: str | None) -> Place:
    """An administrative grid of a draft; None: the coarsest that the session sees.

    Raises
    ------
    NotADraft, UnknownGrid
    CannotSuggest
        If it is a unit or key grid.
    """
    must_be_draft(session, plan_id)
    wanted = Grid.kind == GridKind.ADMINISTRATIVE if uid is None else Grid.uid == uid
    found = session.execute(
        select(Grid.id, Grid.uid, Grid.name, Grid.kind, Grid.level, Grid.geometry.ST_AsBinary().label("wkb"))
        .where(Grid.plan_id == plan_id, wanted)
        .order_by(Grid.level, Grid.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        raise UnknownGrid(
            Text(zh="草稿里没有这个网格。", en="The draft has no such grid."),
            where=uid or "",
            todo=Text(zh="它可能已被合并或删除；请刷新。", en="It may be merged or gone; reload."),
        )
    if found.kind is not GridKind.ADMINISTRATIVE:
        raise CannotSuggest(
            Text(
                zh=f"{found.name}是单元或重点网格，没有自己的单元。",
                en=f"{found.name} is a unit or key grid, and has no units of its own.",
            ),
            where=found.uid,
            todo=Text(zh="请选择行政网格。", en="Choose an administrative grid."),
        )
    return Place(found.id, found.uid, found.name, found.level, shapely.from_wkb(bytes(found.wkb)))


def sources_in(session: Session, land: shapely.Geometry) -> gpd.GeoDataFrame:
    """The sources in some land that the session sees, by id: `source_class`, `stack_size`, `weight`."""
    rows = session.execute(
        text(
            f"""SELECT s.id, s.source_class, s.stack_size, public.ST_AsBinary(s.geometry) AS wkb
            FROM {SCHEMA}.source s WHERE s.geometry OPERATOR(public.&&) CAST(:land AS public.geometry)
                AND public.ST_Intersects(s.geometry, CAST(:land AS public.geometry)) ORDER BY s.id"""
        ),
        {"land": ewkb_of(land)},
    ).all()
    classes = [SourceClass(row.source_class) for row in rows]
    return gpd.GeoDataFrame(
        {
            "source_class": pd.Series([str(each) for each in classes], dtype="object"),
            "stack_size": pd.array([row.stack_size for row in rows], dtype="Int64"),
            "weight": np.array([WORK[each] for each in classes], dtype=np.float64),
        },
        geometry=shapes_of(rows),
        crs=STORED_CRS,
    ).set_index(pd.Index([row.id for row in rows], dtype="int64"))


def suggested_units(
    session: Session,
    plan_id: int,
    owner: str,
    number: int,
    *,
    load_per_officer: float | None = None,
    seed: int = 0,
) -> UnitSuggestions:
    """Suggest unit grids for an administrative grid of a draft.

    Parameters
    ----------
    session : Session
    plan_id : int
        A plan that the session sees.
    owner : str
        The uid of the grid to divide. The grids below it are kept whole where there are enough of them.
    number : int
        How many units.
    load_per_officer : float, optional
        What one officer supervises, weighted by class; without it each unit has the fewest allowed.
    seed : int
        Another seed, other plans. The same, the same, unless the search ran into `LIMIT_S`.

    Raises
    ------
    NotADraft, UnknownGrid, CannotSuggest, InputError
    """
    begin = time.monotonic()
    place = place_of(session, plan_id, owner)
    villages = _below(session, plan_id, place)
    _must_be_cuttable(place, villages)
    sources = sources_in(session, place.land)
    found = suggest_units(
        place.land,
        number,
        sources,
        sources["weight"],
        villages=villages if len(villages) else None,
        lines=_rivers(session, place.land),
        seed=seed,
        is_over=lambda: time.monotonic() - begin > LIMIT_S,
    )
    told = tuple(_told(place, each, sources, load_per_officer) for each in found.plans)
    is_whole = bool((found.cells["village"].notna()).any())
    basis = UnitBasis.DIVISION if is_whole else None if found.is_by_area else UnitBasis.TARGETS
    return UnitSuggestions(told, len(found.cells), basis, _notes(found, load_per_officer))


def _told(
    place: Place, plan: UnitPlan, sources: gpd.GeoDataFrame, load_per_officer: float | None
) -> SuggestedUnits:
    source, unit = shapely.STRtree(plan.geometry).query(sources.geometry.to_numpy(), predicate="intersects")
    unit = unit[np.unique(source, return_index=True)[1]] if len(source) else unit
    counted = np.bincount(unit, minlength=len(plan.geometry))
    weighted = np.bincount(unit, weights=sources["weight"].to_numpy(), minlength=len(plan.geometry))
    units = (
        SuggestedUnit(
            f"{place.name}{at + 1}号单元",
            shape,
            float(area),
            int(counted[at]),
            round(float(weighted[at])),
            staff_of(float(weighted[at]), load_per_officer),
        )
        for at, (shape, area) in enumerate(zip(plan.geometry, plan.area_m2, strict=True))
    )
    return SuggestedUnits(plan.deviation, plan.compactness, plan.compactness_min, tuple(units))


def staff_of(weighted: float, load_per_officer: float | None) -> int:
    """How many officers a grid needs: two at least, and as many as its work takes at the usual load."""
    if not load_per_officer:
        return LEAST_STAFF
    return max(LEAST_STAFF, math.ceil(weighted / load_per_officer - 1e-9))


def _notes(found: UnitPlans, load_per_officer: float | None) -> tuple[Text, ...]:
    notes = []
    if found.is_by_area:
        notes.append(
            Text(
                zh="范围内没有污染源，按面积均分。",
                en="There are no sources here: area is shared out evenly instead of work.",
            )
        )
    if found.least_deviation > 0.05:
        share = f"{found.least_deviation * 100:.0f}\u2009%"
        notes.append(
            Text(
                zh=f"有一处污染源过于集中，无法再分：偏差不会低于 {share}。",
                en=f"Sources crowd in one spot that cannot be cut: no plan deviates by less than {share}.",
            )
        )
    villages = int(found.cells["village"].nunique())
    if villages:
        notes.append(
            Text(
                zh=f"由 {villages} 个下级网格拼成，不切割它们。",
                en=f"Put together from {villages} grids below it, each kept whole.",
            )
        )
    per = "" if load_per_officer is None else f"{load_per_officer:.0f}"
    notes.append(
        Text(
            zh="监管员：每单元至少 2 人" + (f"，工作量每 {per} 配 1 人（现有水平）。" if per else "。"),
            en="Officers: two a unit at least" + (f", and one for {per} of work, as now." if per else "."),
        )
    )
    return tuple(notes)


def _below(session: Session, plan_id: int, place: Place) -> gpd.GeoDataFrame:
    """The administrative grids that the place is divided into."""
    rows = session.execute(
        select(Grid.id, Grid.geometry.ST_AsBinary().label("wkb"))
        .where(Grid.plan_id == plan_id, Grid.parent_id == place.id, Grid.kind == GridKind.ADMINISTRATIVE)
        .order_by(Grid.id)
    ).all()
    shapes = shapes_of(rows)
    return gpd.GeoDataFrame(geometry=shapes, crs=STORED_CRS, index=[row.id for row in rows])


def _rivers(session: Session, land: shapely.Geometry) -> gpd.GeoDataFrame | None:
    """Receptors that are lines: borders may follow them."""
    rows = session.execute(
        text(
            f"""SELECT public.ST_AsBinary(r.geometry) AS wkb FROM {SCHEMA}.receptor r
            WHERE r.geometry OPERATOR(public.&&) CAST(:land AS public.geometry)
                AND public.ST_Dimension(r.geometry) = 1 ORDER BY r.id"""
        ),
        {"land": ewkb_of(land)},
    ).all()
    return gpd.GeoDataFrame(geometry=shapes_of(rows), crs=STORED_CRS) if rows else None


def _must_be_cuttable(place: Place, villages: gpd.GeoDataFrame) -> None:
    vertices = int(shapely.get_num_coordinates(place.land))
    vertices += int(shapely.get_num_coordinates(villages.geometry.to_numpy()).sum())
    if vertices <= MOST_VERTICES:
        return
    raise CannotSuggest(
        Text(
            zh=f"边界共 {vertices:,} 个顶点，超过 {MOST_VERTICES:,} 个。",
            en=f"The boundaries have {vertices:,} vertices, more than {MOST_VERTICES:,}.",
        ),
        where=place.name,
        todo=Text(zh="请选择下一级的网格。", en="Choose a grid of a finer level."),
    )


def shapes_of(rows: Any) -> Geometries:
    """The geometries of rows with `wkb`."""
    return np.array(shapely.from_wkb([bytes(row.wkb) for row in rows]), dtype=object)


def ewkb_of(land: shapely.Geometry) -> str:
    """As PostGIS takes it: hexadecimal EWKB."""
    return str(shapely.to_wkb(shapely.set_srid(land, SRID), hex=True, include_srid=True))
