"""Areas of a draft that deserve a key unit grid, ranked, with the reason in words."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gisgrid.frames import STORED_CRS
from gisgrid.model import SCHEMA, SRID, Grid, GridKind, SourceClass
from gisgrid.planning.suggesting import Place, ewkb_of, place_of, shapes_of, sources_in
from gisgrid.spatial.edges import Geometries
from gisgrid.spatial.suggesting.cell_graph import Plane
from gisgrid.spatial.suggesting.key_areas import NEAR_M, REACH_M, KeyArea, key_areas
from gisgrid.text import Text

MOST: Final = 20

_IN_ENGLISH: Final[Mapping[str, str]] = {
    "学校": "a school",
    "医院": "a hospital",
    "居民区": "homes",
    "饮用水水源地": "a drinking-water source",
    "自然保护区": "a nature reserve",
    "河流": "a river",
}


@dataclass(frozen=True)
class KeyAreaSuggestion:
    """An area, and why; see `KeyArea` for `score`."""

    rank: int
    score: float
    reason: Text
    area: BaseGeometry
    area_m2: float
    sources: int
    class_c: int
    receptors: int
    weighted: int


@dataclass(frozen=True)
class KeyAreaSuggestions:
    """Areas in a grid, the most urgent first, and what one should know of them."""

    within: Place
    areas: tuple[KeyAreaSuggestion, ...]
    notes: tuple[Text, ...]


def suggested_key_areas(session: Session, plan_id: int, within: str | None = None) -> KeyAreaSuggestions:
    """Suggest key areas: dense or large polluters near receptors, outside the key grids that exist.

    Parameters
    ----------
    session : Session
    plan_id : int
        A plan that the session sees.
    within : str, optional
        The uid of an administrative grid; by default the coarsest that the session sees.

    Raises
    ------
    NotADraft, UnknownGrid, CannotSuggest

    Notes
    -----
    Sources stacked on one spot (five or more) are left out: their register knows a town's centre, not their
    place, and would make it a key area.
    """
    place = place_of(session, plan_id, within)
    sources = sources_in(session, place.land)
    stacked = sources["stack_size"].notna().to_numpy()
    sources = sources[~stacked]
    receptors = _receptors(session, place.land)
    found = key_areas(
        sources,
        sources["weight"].to_numpy(dtype=np.float64),
        receptors,
        place.land,
        taken=_key_grids(session, plan_id, place.land),
        most=MOST,
    )
    told = tuple(_told(rank, each, sources, receptors) for rank, each in enumerate(found, 1))
    return KeyAreaSuggestions(place, told, _notes(int(stacked.sum())))


def _told(
    rank: int, area: KeyArea, sources: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame
) -> KeyAreaSuggestion:
    class_c = int((sources["source_class"].iloc[area.sources] == SourceClass.C).sum())
    return KeyAreaSuggestion(
        rank,
        area.score,
        _reason(area, class_c, receptors),
        area.area,
        area.area_m2,
        len(area.sources),
        class_c,
        len(area.receptors),
        round(area.weight),
    )


def _reason(area: KeyArea, class_c: int, receptors: gpd.GeoDataFrame) -> Text:
    """Such as "14 sources, 3 of class C, in 1.2 km²; a school 320 m away; 5 receptors within 1 km"."""
    count = len(area.sources)
    km2 = max(area.area_m2 / 1e6, 0.01)
    size = f"{km2:,.0f}\u2009km²" if km2 >= 10 else f"{km2:.2g}\u2009km²"
    zh = f"{size} 内有污染源 {count} 个" + (f"，其中 C 类 {class_c} 个" if class_c else "")
    en = f"{count} sources" + (f", {class_c} of class C," if class_c else "") + f" in {size}"
    if not len(area.receptors):
        return Text(zh=f"{zh}；1\u2009km 内没有敏感目标", en=f"{en}; no receptor within 1\u2009km")
    kind = receptors["kind"].iloc[area.receptors[0]]
    named = "敏感目标" if kind is None else str(kind)
    away = f"{area.nearest_m:.0f}\u2009m"
    number = len(area.receptors)
    told = "1 receptor" if number == 1 else f"{number} receptors"
    return Text(
        zh=f"{zh}；最近的{named}距 {away}，1\u2009km 内敏感目标 {number} 个",
        en=f"{en}; {_IN_ENGLISH.get(named, 'a receptor')} {away} away; {told} within 1\u2009km",
    )


def _notes(stacked: int) -> tuple[Text, ...]:
    near = f"{NEAR_M:.0f}\u2009m"
    how = Text(
        zh=f"相距 {near} 以内的污染源合为一片。"
        "得分 = 工作量 ×（1 + 1\u2009km 内各敏感目标的 1 − 距离/km 之和）。",
        en=f"Sources within {near} of each other make up an area. Its score is their work times one more "
        "than the sum of 1 − distance/km over the receptors within 1\u2009km.",
    )
    if not stacked:
        return (how,)
    left_out = Text(
        zh=f"{stacked} 个污染源叠在同一点，位置不可靠，没有计入。",
        en=f"{stacked} sources are stacked on one spot, their places unknown; they are left out.",
    )
    return how, left_out


def _receptors(session: Session, land: shapely.Geometry) -> gpd.GeoDataFrame:
    """The receptors in reach of some land."""
    reach_deg = REACH_M * 1.05 / Plane.at(land).east_m
    rows = session.execute(
        text(
            f"""SELECT r.id, r.kind, public.ST_AsBinary(r.geometry) AS wkb FROM {SCHEMA}.receptor r
            WHERE r.geometry OPERATOR(public.&&)
                public.ST_Expand(CAST(:land AS public.geometry), CAST(:reach AS float8)) ORDER BY r.id"""
        ),
        {"land": ewkb_of(land), "reach": reach_deg},
    ).all()
    return gpd.GeoDataFrame(
        {"kind": pd.Series([row.kind for row in rows], dtype="object")},
        geometry=shapes_of(rows),
        crs=STORED_CRS,
    )


def _key_grids(session: Session, plan_id: int, land: shapely.Geometry) -> Geometries:
    """The key grids that meet some land."""
    box = func.ST_MakeEnvelope(*shapely.bounds(land).tolist(), SRID)
    met = Grid.geometry.op("OPERATOR(public.&&)")(box)
    wkb = Grid.geometry.ST_AsBinary().label("wkb")
    return shapes_of(
        session.execute(
            select(wkb).where(Grid.plan_id == plan_id, Grid.kind == GridKind.KEY, met).order_by(Grid.id)
        ).all()
    )
