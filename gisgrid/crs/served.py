"""The reference systems in which features are asked for and given, with the axis order of their authority.

Inside gisgrid x is always the longitude or easting. Here alone a client may
hand in and get latitude first, as OGC API Features Part 2 demands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import shapely
from pyproj import Transformer

from gisgrid.errors import InputError
from gisgrid.text import Text

_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
_WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
_EDGE_PARTS: Final = 32
"""Straight edges of a box in the plane are curves in degrees; this many chords stand for them."""


@dataclass(frozen=True)
class ServedCrs:
    """A reference system that clients may name.

    Attributes
    ----------
    uri : str
    srid : int
        As PostGIS knows it.
    is_flipped : bool
        Whether the authority puts northing or latitude first.
    source_srid : int
        What the stored coordinates (4490) count as before they are transformed to it.
        CGCS2000 and WGS 84 are taken as one: they differ by centimetres.
    bounds : tuple of float
        West, south, east, north in its own units beyond which it means nothing.
    decimals : int
        That coordinates are rounded to: about 0.1 mm.
    """

    uri: str
    srid: int
    is_flipped: bool
    source_srid: int
    bounds: tuple[float, float, float, float]
    decimals: int = 9

    @property
    def is_geographic(self) -> bool:
        """Whether its units are degrees."""
        return self.bounds == _WORLD

    @property
    def keeps_coordinates(self) -> bool:
        """Whether the stored numbers are its own, up to their order."""
        return self.is_geographic


_WEB: Final = 20037508.342789244

CRS84: Final = ServedCrs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, False, 4326, _WORLD)
CGCS2000: Final = ServedCrs(f"{_EPSG}4490", 4490, True, 4490, _WORLD)
SERVED: Final = (
    CRS84,
    ServedCrs(f"{_EPSG}4326", 4326, True, 4326, _WORLD),
    CGCS2000,
    ServedCrs(f"{_EPSG}3857", 3857, False, 4326, (-_WEB, -_WEB, _WEB, _WEB), 4),
    # A zone of 3 degrees; 2,000 km to either side the projection still can be turned back.
    ServedCrs(f"{_EPSG}4550", 4550, True, 4490, (-1_500_000.0, 0.0, 2_500_000.0, 9_500_000.0), 4),
)
"""The first is the default."""


def served_crs(uri: str) -> ServedCrs:
    """The reference system of this URI, in its usual spellings.

    Raises
    ------
    InputError
        If it is none of those served.
    """
    plain = uri.strip().strip("[]<>").replace("https://", "http://")
    for crs in SERVED:
        code = crs.uri.rpartition("/")[2]
        names = (
            (crs.uri, "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84")
            if crs is CRS84
            else (crs.uri, f"EPSG:{code}", f"urn:ogc:def:crs:EPSG::{code}")
        )
        if plain in names:
            return crs
    raise InputError(
        Text(zh="不提供这个坐标参考系。", en="This coordinate reference system is not offered."),
        where=uri[:100],
        todo=Text(zh="可用的列在图层的 crs 中。", en="The layer's `crs` lists those that are."),
    )


def to_stored(shape: shapely.Geometry, crs: ServedCrs) -> shapely.Geometry:
    """A client's geometry in the coordinates of the store: EPSG:4490, longitude first, two dimensions.

    Raises
    ------
    InputError
        If a coordinate lies outside the reference system.
    """
    flat: shapely.Geometry = shapely.transform(
        shapely.force_2d(shape), lambda xy: xy[:, ::-1] if crs.is_flipped else xy
    )
    west, south, east, north = crs.bounds
    xy = shapely.get_coordinates(flat)
    inside = (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
    if not inside.all():
        raise _outside(xy[~inside][0])
    return flat if crs.keeps_coordinates else _in_degrees(flat, crs)


def box_to_stored(sides: tuple[float, float, float, float], crs: ServedCrs) -> shapely.Geometry:
    """A client's box (two corners in its axis order) in the coordinates of the store.

    What reaches beyond the reference system is cut off; a box of degrees whose
    west is greater than its east crosses the antimeridian.

    Raises
    ------
    InputError
        If its corners are the wrong way round.
    """
    west, south, east, north = (sides[1], sides[0], sides[3], sides[2]) if crs.is_flipped else sides
    if south > north or (west > east and not crs.is_geographic):
        raise InputError(
            Text(zh="矩形范围的下限大于上限。", en="The box has a lower limit above its upper limit."),
            todo=Text(
                zh="先写西南角，再写东北角；按坐标参考系规定的轴序。",
                en="Give the south-west corner and then the north-east one, in the axis order of the CRS.",
            ),
        )
    if west > east:
        parts = [(west, south, crs.bounds[2], north), (crs.bounds[0], south, east, north)]
        both: shapely.Geometry = shapely.union_all([_clipped(part, crs) for part in parts])
        return both
    return _clipped((west, south, east, north), crs)


def _clipped(sides: tuple[float, float, float, float], crs: ServedCrs) -> shapely.Geometry:
    least, most = np.array(crs.bounds[:2] * 2), np.array(crs.bounds[2:] * 2)
    if sides[0] > most[0] or sides[1] > most[1] or sides[2] < least[0] or sides[3] < least[1]:
        return shapely.Polygon()
    clipped = np.clip(np.array(sides), least, most)
    box: shapely.Geometry = shapely.box(*clipped)
    if crs.keeps_coordinates:
        return box
    longest = max(clipped[2] - clipped[0], clipped[3] - clipped[1])
    dense = shapely.segmentize(box, longest / _EDGE_PARTS) if longest > 0 else box
    return _in_degrees(dense, crs)


def _in_degrees(shape: shapely.Geometry, crs: ServedCrs) -> shapely.Geometry:
    turned: shapely.Geometry = shapely.transform(
        shape, lambda xy: np.column_stack(_to_degrees(crs).transform(xy[:, 0], xy[:, 1]))
    )
    return turned


@cache
def _to_degrees(crs: ServedCrs) -> Transformer:
    return Transformer.from_crs(crs.srid, crs.source_srid, always_xy=True)


def _outside(xy: np.ndarray) -> InputError:
    return InputError(
        Text(zh="坐标超出坐标参考系的范围。", en="A coordinate lies outside its reference system."),
        where=f"{xy[0]:.10g}, {xy[1]:.10g}",
        todo=Text(
            zh="请检查轴序（EPSG:4326、4490 为纬度在前，4550 为北坐标在前）与坐标参考系。",
            en="Check the axis order (EPSG:4326 and 4490 have latitude first, 4550 northing) and the CRS.",
        ),
    )
