"""The sensitive places around a source or a point, looked for when asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from sqlalchemy import BigInteger, Float, bindparam, func, select
from sqlalchemy.orm import Session

from gisgrid.model import SRID, Receptor, Source, SourceUnit
from gisgrid.spatial.measure import Geometries
from gisgrid.spatial.nearness import nearest_of, reach_deg, representative_lonlat
from gisgrid.spatial.surroundings import NO_KIND
from gisgrid.supervision.errors import UnknownSource, UnusableRadius
from gisgrid.supervision.place import Place, wind
from gisgrid.text import Text

LEAST_M: Final = 1.0
MOST_M: Final = 20_000.0
MOST_LISTED: Final = 2_000
"""The nearest so many are listed; all are counted."""


@dataclass(frozen=True)
class Centre:
    """What the circle is drawn around; `is_estimate` if from a point, not from the outline of a unit."""

    lon: float
    lat: float
    name: str | None
    is_estimate: bool
    shape: shapely.Geometry


@dataclass(frozen=True)
class NearReceptor:
    """A sensitive place: how near, and in which direction (none where the centre touches it)."""

    id: int
    name: str | None
    kind: str
    distance_m: float
    bearing_deg: float | None
    direction: str | None
    lon: float
    lat: float


@dataclass(frozen=True)
class KindAround:
    """All of one kind."""

    kind: str
    count: int
    nearest_m: float


@dataclass(frozen=True)
class Vicinity:
    """What is around: all receptors counted, the nearest listed, kinds by their nearest."""

    centre: Centre
    radius_m: float
    count: int
    receptors: tuple[NearReceptor, ...]
    kinds: tuple[KindAround, ...]


def around_source(session: Session, source: int, radius_m: float) -> Vicinity:
    """The receptors around a source: from the outlines of its units, else from its point.

    Raises
    ------
    UnusableRadius
    UnknownSource
        If there is none of this id, or it lies outside the jurisdiction.
    """
    _check(radius_m)
    found = session.execute(_SOURCE, {"source": source}).one_or_none()
    if found is None:
        raise UnknownSource(
            Text(zh="没有这个污染源，或不在您的辖区。", en="There is no such source in your jurisdiction."),
            where="source",
            todo=Text(zh="请从地图或搜索结果中选择。", en="Choose one from the map or the search."),
        )
    units = [shapely.from_wkb(each) for each in session.execute(_UNITS, {"source": source}).scalars()]
    shape = shapely.union_all(units) if units else shapely.Point(found.lon, found.lat)
    return _around(session, Centre(found.lon, found.lat, found.name, not units, shape), radius_m)


def around_place(session: Session, place: Place, radius_m: float) -> Vicinity:
    """The receptors around a point.

    Raises
    ------
    UnusableRadius
    """
    _check(radius_m)
    return _around(session, Centre(place.lon, place.lat, None, True, place.point), radius_m)


def _check(radius_m: float) -> None:
    if not (math.isfinite(radius_m) and LEAST_M <= radius_m <= MOST_M):
        raise UnusableRadius(
            Text(zh="半径超出范围。", en="The radius is out of range."),
            where="radius_m",
            todo=Text(
                zh=f"请用 {LEAST_M:g} 至 {MOST_M:g} 米的半径。",
                en=f"Give a radius of {LEAST_M:g} to {MOST_M:g} metres.",
            ),
        )


def _around(session: Session, centre: Centre, radius_m: float) -> Vicinity:
    rows = session.execute(_RECEPTORS, _box(centre.shape, radius_m)).all()
    shapes: Geometries = np.empty(len(rows), dtype=object)
    shapes[:] = [shapely.from_wkb(row.shape) for row in rows]
    reached = nearest_of(np.full(len(rows), centre.shape, dtype=object), shapes)
    lon, lat = representative_lonlat(shapes)
    within = np.flatnonzero(reached.distance_m <= radius_m)
    order = within[np.argsort(reached.distance_m[within], kind="stable")]
    receptors = [
        NearReceptor(
            id=rows[at].id,
            name=rows[at].name,
            kind=rows[at].kind or NO_KIND,
            distance_m=float(reached.distance_m[at]),
            bearing_deg=None if math.isnan(reached.bearing_deg[at]) else float(reached.bearing_deg[at]),
            direction=wind(float(reached.bearing_deg[at])),
            lon=float(lon[at]),
            lat=float(lat[at]),
        )
        for at in order
    ]
    return Vicinity(centre, radius_m, len(receptors), tuple(receptors[:MOST_LISTED]), _kinds(receptors))


def _kinds(receptors: Sequence[NearReceptor]) -> tuple[KindAround, ...]:
    """By kind, in the order of the nearest of each: the receptors come nearest first."""
    by_kind: dict[str, list[float]] = {}
    for each in receptors:
        by_kind.setdefault(each.kind, []).append(each.distance_m)
    return tuple(KindAround(kind, len(found), found[0]) for kind, found in by_kind.items())


def _box(shape: shapely.Geometry, radius_m: float) -> dict[str, float]:
    west, south, east, north = shapely.bounds(shape)
    farthest = np.array([max(abs(south), abs(north))])
    d_lon, d_lat = (float(each[0]) for each in reach_deg(farthest, np.array([radius_m])))
    d_lon = min(d_lon, 360.0)
    return {"west": west - d_lon, "south": south - d_lat, "east": east + d_lon, "north": north + d_lat}


_ID: Final = bindparam("source", type_=BigInteger)
_SOURCE: Final = select(
    Source.name, func.ST_X(Source.geometry).label("lon"), func.ST_Y(Source.geometry).label("lat")
).where(Source.id == _ID)
_UNITS: Final = (
    select(func.ST_AsBinary(SourceUnit.geometry)).where(SourceUnit.source_id == _ID).order_by(SourceUnit.id)
)
_RECEPTORS: Final = (
    select(Receptor.id, Receptor.name, Receptor.kind, func.ST_AsBinary(Receptor.geometry).label("shape"))
    .where(
        Receptor.geometry.op("&&")(
            func.ST_MakeEnvelope(
                *(bindparam(each, type_=Float) for each in ("west", "south", "east", "north")), SRID
            )
        )
    )
    .order_by(Receptor.id)
)
