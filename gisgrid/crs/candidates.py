"""The ways in which raw coordinates may be read at a place, and which of them come to the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from gisgrid.crs.datums import CHINA_BOX, Degrees
from gisgrid.crs.names import base_of, crs_of, datum_name, is_swapped, normalise, zone_of
from gisgrid.crs.transform import to_lonlat
from gisgrid.errors import UnknownCrs
from gisgrid.frames import STORED_CRS

Bounds: TypeAlias = tuple[float, float, float, float]

SAME_PLACE_M = 1.0
"""Readings that place the data within this distance of each other are one candidate."""

EARTH_AUTHORITIES = ("EPSG", "ESRI", "IGNF")
_METRES_PER_DEGREE = 111_320.0
# Datums shift by up to 1 km, and a register may reach over the region's edge.
_MARGIN_DEG = 0.02
_NEXT_ZONE_DEG = 1.5  # half a 3-degree zone


@dataclass(frozen=True)
class Placement:
    """Where one reading puts n sample rows.

    Attributes
    ----------
    name : str
        The representative.
    same_as : tuple of str
    lon, lat : ndarray of n
        Degrees, EPSG:4490, by `name`.
    nearby : ndarray of n bool
        Which of them lie in the reference's bounds or just around.
    spread_m : float
        The largest distance between positions by `name` and `same_as`.
    """

    name: str
    same_as: tuple[str, ...]
    lon: Degrees
    lat: Degrees
    nearby: NDArray[np.bool_]
    spread_m: float


def are_degrees(x: NDArray[np.float64], y: NDArray[np.float64]) -> bool:
    """Whether most rows could be degrees, in either order; a few dirty rows change nothing."""
    larger, smaller = np.fmax(np.abs(x), np.abs(y)), np.fmin(np.abs(x), np.abs(y))
    return bool(np.mean((larger <= 180.0) & (smaller <= 90.0)) >= 0.5)


def readings(
    x: NDArray[np.float64], y: NDArray[np.float64], bounds: Bounds, declared: str | None
) -> list[str]:
    """Names of all readings that the numbers allow at a place.

    Degrees: CGCS2000 and WGS 84, and inside China's box GCJ-02 and BD-09.
    Otherwise every projected CRS of PROJ's database (EPSG, ESRI, IGNF) whose
    area of use meets `bounds` or comes within half a zone, and with zone-prefixed eastings where the
    numbers begin with the zone. Each in both axis orders; `declared` first.
    """
    if are_degrees(x, y):
        names = [STORED_CRS, "EPSG:4326"]
        west, south, east, north = CHINA_BOX
        if bounds[0] <= east and bounds[2] >= west and bounds[1] <= north and bounds[3] >= south:
            names += ["gcj02", "bd09"]
    else:
        plain = _projected(bounds)
        zones = {int(np.median(each) // 1e6) for each in (x, y)} - {0}
        names = [*plain, *(f"{name}+prefixed" for name in plain if zone_of(name) in zones)]
    both = [*names, *(f"{name}+swapped" for name in names)]
    first = [normalise(declared)] if declared else []
    return list(dict.fromkeys([*first, *both]))


def plausible(
    names: Iterable[str],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    bounds: Bounds,
    keep: str | None = None,
) -> list[Placement]:
    """Place sample rows by each reading, and merge readings that come to the same.

    Readings that bring fewer than half as many rows near `bounds` as the best
    are left out, but for `keep`; those that PROJ cannot compute, always. A
    merged reading lies within `SAME_PLACE_M` of its representative, which is
    the first by `preference`.
    """
    placed: list[_Placed] = []
    for name in names:
        try:
            lon, lat = to_lonlat(x, y, name)
        except UnknownCrs:
            continue
        placed.append((name, lon, lat, near(lon, lat, bounds)))
    best = max((int(each[3].sum()) for each in placed), default=0)
    kept = [each for each in placed if each[0] == keep or (best and 2 * each[3].sum() >= best)]
    kept.sort(key=lambda each: preference(each[0], keep))
    groups: list[list[_Placed]] = []
    for each in kept:
        for group in groups:
            if _apart_m(group[0], each) <= SAME_PLACE_M:
                group.append(each)
                break
        else:
            groups.append([each])
    return [_merged(group) for group in groups]


def apart_m(one: Placement, other: Placement) -> float:
    """The largest distance between the positions that two readings give, metres; infinite if one has none."""
    return _apart_m(
        (one.name, one.lon, one.lat, one.nearby), (other.name, other.lon, other.lat, other.nearby)
    )


def preference(name: str, declared: str | None = None) -> tuple[object, ...]:
    """Sort key of names that mean the same: the declared, then the statutory, then the simplest."""
    base = base_of(name)
    authority, _, code = base.partition(":")
    datum = datum_name(base)
    ranks = ("china 2000", "world geodetic system 1984", "xian 1980", "beijing 1954")
    rank = next((at for at, known in enumerate(ranks) if known in datum), len(ranks))
    return (
        name != declared,
        is_swapped(name),
        name.endswith(("+prefixed", "+prefixed+swapped")),
        base != STORED_CRS,
        is_obsolete(name),
        rank,
        EARTH_AUTHORITIES.index(authority) if authority in EARTH_AUTHORITIES else -1,
        ":" in base and "3-degree" not in crs_of(base).name,
        int(code) if code.isdigit() else 0,
    )


def is_obsolete(name: str) -> bool:
    """Whether a CRS stands on a datum that no register uses: WGS 72 (retired in 1987) or a nameless one.

    They lie metres from their successors, where no register of points could ever tell them apart.
    """
    datum = datum_name(base_of(name))
    return any(
        sign in datum for sign in ("geodetic system 1972", "wgs 72", "wgs_1972", "unknown", "not specified")
    )


def near(lon: Degrees, lat: Degrees, bounds: Bounds) -> NDArray[np.bool_]:
    """Which positions lie in `bounds` or just around."""
    west, south, east, north = bounds
    by = _MARGIN_DEG
    inside: NDArray[np.bool_] = (
        (lon >= west - by) & (lon <= east + by) & (lat >= south - by) & (lat <= north + by)
    )
    return inside


def distances_m(lon: Degrees, lat: Degrees, other_lon: Degrees, other_lat: Degrees) -> Degrees:
    """Distances between neighbouring positions, metres, right to 1 %."""
    east = (lon - other_lon) * np.cos(np.radians(lat))
    distance: Degrees = np.hypot(east, lat - other_lat) * _METRES_PER_DEGREE
    return distance


@lru_cache(maxsize=64)
def _projected(bounds: Bounds) -> tuple[str, ...]:
    # Files are often kept in the neighbour's zone: Panjin, from 121.55° E, in EPSG:4549, up to 121.5°.
    west, south, east, north = bounds
    area = AreaOfInterest(
        max(west - _NEXT_ZONE_DEG, -180.0),
        max(south - 0.5, -90.0),
        min(east + _NEXT_ZONE_DEG, 180.0),
        min(north + 0.5, 90.0),
    )
    found = [
        f"{each.auth_name}:{each.code}"
        for authority in EARTH_AUTHORITIES
        for each in query_crs_info(auth_name=authority, pj_types=PJType.PROJECTED_CRS, area_of_interest=area)
    ]
    return tuple(found)


_Placed: TypeAlias = tuple[str, Degrees, Degrees, NDArray[np.bool_]]


def _apart_m(one: _Placed, other: _Placed) -> float:
    # Rows that neither brings near the region say nothing: projections diverge far from home.
    rows = one[3] | other[3]
    if not rows.any():
        return np.inf
    apart = distances_m(one[1][rows], one[2][rows], other[1][rows], other[2][rows])
    return float(np.where(np.isnan(apart), np.inf, apart).max())


def _merged(group: Sequence[_Placed]) -> Placement:
    spread = max((_apart_m(one, other) for at, one in enumerate(group) for other in group[:at]), default=0.0)
    name, lon, lat, nearby = group[0]
    return Placement(name, tuple(each[0] for each in group[1:]), lon, lat, nearby, spread)
