"""A place that somebody asks about, and distances from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import ColumnElement, Float, and_, bindparam, func

from gisgrid.model import SRID
from gisgrid.spatial.measure import GEOD, Geometries
from gisgrid.spatial.nearness import Nearest, nearest_of, reach_deg
from gisgrid.supervision.errors import NotOnEarth
from gisgrid.text import Text

WINDS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
_SLACK_DEG: Final = 1e-9
_FEW_VERTICES: Final = 300
"""So few are measured as fast as they are looked through."""

HERE: Final[ColumnElement[Any]] = func.ST_SetSRID(
    func.ST_MakePoint(bindparam("lon", type_=Float), bindparam("lat", type_=Float)), SRID
)
"""The place as the database knows it; statements are built once, which takes longer than running them."""
_SIDES: Final = ("west", "south", "east", "north")
AROUND: Final[ColumnElement[Any]] = func.ST_MakeEnvelope(
    *(bindparam(each, type_=Float) for each in _SIDES), SRID
)
"""A box around it."""


def covers(shape: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a stored geometry covers the place; row-level security keeps the index for && alone."""
    return and_(shape.op("&&")(HERE), func.ST_Intersects(shape, HERE))


def is_around(shape: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a stored geometry's box meets the box around the place."""
    return shape.bool_op("&&")(AROUND)


@dataclass(frozen=True)
class Place:
    """A position in degrees, EPSG:4490.

    Raises
    ------
    NotOnEarth
        If a number is not finite or beyond its range.
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        finite = math.isfinite(self.lon) and math.isfinite(self.lat)
        if not (finite and abs(self.lon) <= 180.0 and abs(self.lat) <= 90.0):
            raise NotOnEarth(
                Text(zh="经度或纬度超出范围。", en="The longitude or latitude is out of range."),
                where="lon, lat",
                todo=Text(
                    zh="经度 lon 为 -180 至 180，纬度 lat 为 -90 至 90，单位是度。",
                    en="Give lon from -180 to 180 and lat from -90 to 90, in degrees.",
                ),
            )

    @property
    def values(self) -> dict[str, float]:
        """What `HERE` stands for."""
        return {"lon": self.lon, "lat": self.lat}

    @property
    def point(self) -> shapely.Point:
        """The point as GEOS knows it."""
        return shapely.Point(self.lon, self.lat)

    def window(self, distance_m: float) -> tuple[float, float, float, float]:
        """West, south, east, north of a box that holds all that is within a distance."""
        d_lon, d_lat = (float(each[0]) for each in reach_deg(np.array([self.lat]), np.array([distance_m])))
        d_lon = min(d_lon, 360.0)
        return self.lon - d_lon, self.lat - d_lat, self.lon + d_lon, self.lat + d_lat

    def around(self, distance_m: float) -> dict[str, float]:
        """What `HERE` and `AROUND` stand for, so many metres to each side."""
        return self.values | dict(zip(_SIDES, self.window(distance_m), strict=True))

    def distances(self, shapes: Geometries) -> Nearest:
        """Geodesic distances to n geometries and the bearings there; 0 and no bearing inside them.

        Outlines are cut down to the surroundings in which the nearest point
        must lie, so that a province costs no more than a township.
        """
        here = np.full(len(shapes), self.point, dtype=object)
        inside = shapely.intersects(shapes, here)
        outlines = shapes.copy()
        large = (shapely.get_type_id(shapes) == 3) | (shapely.get_type_id(shapes) == 6)
        outlines[large] = shapely.boundary(shapes[large])
        for each in np.flatnonzero(shapely.get_num_coordinates(outlines) > _FEW_VERTICES):
            if not inside[each]:
                outlines[each] = self._surroundings_of(outlines[each])
        outlines[inside] = self.point
        return nearest_of(here, outlines)

    def _surroundings_of(self, outline: shapely.Geometry) -> shapely.Geometry:
        """The part of an outline that holds the nearest point."""
        rough = shapely.get_coordinates(shapely.shortest_line(self.point, outline))[1]
        bound_m = float(GEOD.inv(self.lon, self.lat, rough[0], rough[1])[2])
        west, south, east, north = self.window(bound_m)
        slack = _SLACK_DEG
        cut = shapely.clip_by_rect(outline, west - slack, south - slack, east + slack, north + slack)
        return outline if cut.is_empty else cut


def wind(bearing_deg: float) -> str | None:
    """One of the eight winds; None for no bearing.

    Examples
    --------
    >>> wind(0.0), wind(359.0), wind(46.0), wind(float("nan"))
    ('N', 'N', 'NE', None)
    """
    if math.isnan(bearing_deg):
        return None
    return WINDS[round(bearing_deg / 45.0) % 8]
