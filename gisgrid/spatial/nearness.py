"""How far one geometry is from another, truly, and in which direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.spatial.measure import (
    CHORD_LIMIT_M,
    GEOD,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    Floats,
    Geometries,
    chord_to_arc_m,
    compass_deg,
    ecef,
)

Ints = NDArray[np.int64]

_SEGMENT_DEG: Final = 0.01
"""A straight line in lon/lat leaves the geodesic plane around a point by 12 mm at most on this length."""

_VERTICES_AT_A_TIME: Final = 500_000


_SHORTEST_MERIDIAN_RADIUS_M: Final[float] = SEMI_MINOR_M**2 / SEMI_MAJOR_M


def representative_points(geometries: Geometries) -> Geometries:
    """A point for each of n geometries, in any plane: empty or None where there is none.

    Returns
    -------
    ndarray of n Points
        Points as they are; else a point on the line or inside the polygon.
    """
    spread = shapely.get_type_id(geometries) > 0
    if not spread.any():
        return geometries
    points = geometries.copy()
    points[spread] = shapely.point_on_surface(geometries[spread])
    return points


def representative_lonlat(geometries: Geometries) -> tuple[Floats, Floats]:
    """Longitude and latitude of the representative point of each of n geometries; NaN where there is none."""
    placed = np.flatnonzero(~(shapely.is_missing(geometries) | shapely.is_empty(geometries)))
    points = representative_points(geometries[placed])
    lon, lat = np.full(len(geometries), np.nan), np.full(len(geometries), np.nan)
    lon[placed], lat[placed] = shapely.get_x(points), shapely.get_y(points)
    return lon, lat


@dataclass(frozen=True)
class Nearest:
    """For n pairs: the distance, and the bearings there and back again; NaN where they meet."""

    distance_m: Floats
    bearing_deg: Floats
    back_deg: Floats

    def reversed(self) -> Nearest:
        """The same pairs, seen from the second."""
        return Nearest(self.distance_m, self.back_deg, self.bearing_deg)


def nearest_of(first: Geometries, second: Geometries) -> Nearest:
    """Distance and bearing between the nearest points of n pairs of geometries.

    Parameters
    ----------
    first, second : ndarray of n geometries
        EPSG:4490, not empty. Points, lines or polygons.

    Returns
    -------
    Nearest
        Geodesic distances, true to 0.1 m where the first is a point, at any
        distance; else up to 100 km between shapes of up to some 30 km. 0, and no
        bearing, where the two meet or one lies in the other.

    Notes
    -----
    The nearest points are sought in the azimuthal equidistant plane around the
    first (or around a point between the two), where distances from its centre
    are those on the ellipsoid; pyproj.Geod measures between them. Earth-centred
    coordinates know no antimeridian, and poles are as good as any place.
    """
    distance_m = np.zeros(len(first))
    bearing_deg, back_deg = np.full(len(first), np.nan), np.full(len(first), np.nan)
    vertices = shapely.get_num_coordinates(first) + shapely.get_num_coordinates(second)
    for rows in blocks(vertices, np.arange(len(first))):
        apart = rows[~shapely.intersects(first[rows], second[rows])]
        if not len(apart):
            continue
        start, end = _nearest_points(first[apart], second[apart])
        there, back, length = GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
        distance_m[apart] = length
        bearing_deg[apart], back_deg[apart] = (
            np.where(np.asarray(length) > 0, compass_deg(np.asarray(each)), np.nan) for each in (there, back)
        )
    return Nearest(distance_m, bearing_deg, back_deg)


def blocks(weight: Ints, together: Ints) -> Iterator[Ints]:
    """Rows, so many at a time that their weights sum to about `_VERTICES_AT_A_TIME`.

    Rows with the same number in `together` follow each other and are not parted.
    """
    new = np.flatnonzero(np.r_[True, together[1:] != together[:-1]]) if len(together) else together
    block = np.cumsum(weight)[new] // _VERTICES_AT_A_TIME
    cuts = new[1:][np.diff(block) > 0]
    yield from np.split(np.arange(len(weight)), cuts)


def _nearest_points(first: Geometries, second: Geometries) -> tuple[Floats, Floats]:
    """The two nearest points, lon/lat, of each of n pairs that do not meet."""
    centre = _between(first, second)
    line = shapely.shortest_line(_around(centre, first), _around(centre, second))
    ends = shapely.get_coordinates(line).reshape(-1, 2, 2)
    azimuth = np.degrees(np.arctan2(ends[..., 0], ends[..., 1]))
    origin = np.repeat(centre[:, None, :], 2, axis=1)
    lon, lat, _ = GEOD.fwd(
        origin[..., 0].ravel(), origin[..., 1].ravel(), azimuth.ravel(), np.hypot(*ends.reshape(-1, 2).T)
    )
    at = np.stack([lon, lat], axis=-1).reshape(-1, 2, 2)
    start, end = at[:, 0], at[:, 1]
    is_point = shapely.get_type_id(first) == 0
    start[is_point] = centre[is_point]
    return start, end


def _between(first: Geometries, second: Geometries) -> Floats:
    """A centre for each pair: the first where it is a point, else a point about between the two."""
    centre = np.empty((len(first), 2))
    is_point = shapely.get_type_id(first) == 0
    centre[is_point] = shapely.get_coordinates(first[is_point])
    rough = np.flatnonzero(~is_point)
    if len(rough):
        start = np.stack(representative_lonlat(first[rough]), axis=-1)
        line = shapely.shortest_line(_around(start, first[rough]), _around(start, second[rough]))
        middle = shapely.get_coordinates(line).reshape(-1, 2, 2).mean(axis=1)
        lon, lat, _ = GEOD.fwd(
            start[:, 0].copy(),
            start[:, 1].copy(),
            np.degrees(np.arctan2(middle[:, 0], middle[:, 1])),
            np.hypot(*middle.T),
        )
        centre[rough] = np.stack([lon, lat], axis=-1)
    return centre


def _around(centre: Floats, geometries: Geometries) -> Geometries:
    """n geometries in n azimuthal equidistant planes (metres), each around its own centre."""
    dense = shapely.segmentize(geometries, _SEGMENT_DEG)
    at, owner = shapely.get_coordinates(dense, return_index=True)
    longitude, latitude = np.radians(centre).T
    sin_lon, cos_lon = np.sin(longitude)[owner], np.cos(longitude)[owner]
    sin_lat, cos_lat = np.sin(latitude)[owner], np.cos(latitude)[owner]
    dx, dy, dz = (ecef(at[:, 0], at[:, 1]) - ecef(centre[:, 0], centre[:, 1])[owner]).T
    outward = cos_lon * dx + sin_lon * dy
    east = cos_lon * dy - sin_lon * dx
    north = cos_lat * dz - sin_lat * outward
    flat = np.hypot(east, north)
    chord = np.sqrt(dx * dx + dy * dy + dz * dz)
    stretch = np.divide(chord_to_arc_m(chord), flat, out=np.ones_like(flat), where=flat > 0)
    plane = np.stack([east * stretch, north * stretch], axis=-1)
    far = np.flatnonzero(chord > CHORD_LIMIT_M)
    if len(far):
        origin = centre[owner[far]]
        azimuth, _, length = GEOD.inv(origin[:, 0], origin[:, 1], at[far, 0], at[far, 1])
        plane[far] = _polar(np.asarray(azimuth), np.asarray(length))
    return np.asarray(shapely.set_coordinates(dense, plane), dtype=object)


def _polar(azimuth_deg: Floats, length_m: Floats) -> Floats:
    """East and north of the end of a line."""
    azimuth = np.radians(azimuth_deg)
    return np.stack([length_m * np.sin(azimuth), length_m * np.cos(azimuth)], axis=-1)


def reach_deg(lat: Floats, distance_m: Floats) -> tuple[Floats, Floats]:
    """How many degrees of longitude and latitude a path of `distance_m` can cross at most.

    The path may bend towards the pole, so the parallel is taken where it is
    shortest. Infinite degrees of longitude where the path can pass a pole.
    """
    reach_m = distance_m + 1e-3
    d_lat = reach_m / _SHORTEST_MERIDIAN_RADIUS_M
    farthest = np.abs(np.radians(lat)) + d_lat
    parallel_m = SEMI_MAJOR_M * np.cos(np.minimum(farthest, np.pi / 2))
    passes_pole = parallel_m < reach_m / np.pi
    d_lon = np.where(passes_pole, np.inf, reach_m / np.where(passes_pole, 1.0, parallel_m))
    return np.degrees(d_lon), np.degrees(d_lat)


def spheres(boxes: Floats) -> tuple[Floats, Floats]:
    """Earth-centred centres and radii (m) of spheres around all land of n lon/lat boxes."""
    west, south, east, north = boxes.T
    centre = ecef((west + east) / 2, (south + north) / 2)
    corners = [ecef(lon, lat) for lon in (west, east) for lat in (south, north)]
    farthest = np.max([np.linalg.norm(corner - centre, axis=1) for corner in corners], axis=0)
    # On a sphere the corners are the farthest; the flattening adds less than one per cent.
    radius = np.where(east - west < 180.0, farthest * 1.01, 2 * SEMI_MAJOR_M)
    return centre, radius


class Neighbourhood:
    """The bounding boxes of m geometries, to be asked what may lie within a distance.

    Boxes are also looked for 360 degrees east and west, so that the antimeridian
    is no wall.
    """

    def __init__(self, geometries: Geometries) -> None:
        self._bounds: Floats = shapely.bounds(geometries)
        self._centre, self._radius = spheres(self._bounds)
        self._tree = shapely.STRtree(geometries)

    def within(self, boxes: Floats, distance_m: Floats | float) -> tuple[Ints, Ints]:
        """Pairs (box, geometry) that may be within a distance of each other; none that is, is left out.

        Parameters
        ----------
        boxes : ndarray of shape (n, 4)
            west, south, east, north in degrees.
        distance_m : float or ndarray of n floats
        """
        reach_m = np.broadcast_to(np.asarray(distance_m, dtype=np.float64), (len(boxes),))
        latest = np.maximum(np.abs(boxes[:, 1]), np.abs(boxes[:, 3]))
        d_lon, d_lat = reach_deg(latest, reach_m)
        found = [
            self._within_ellipse(boxes + np.array([turn, 0.0, turn, 0.0]), d_lon, d_lat)
            for turn in (0.0, 360.0, -360.0)
        ]
        pairs = np.concatenate(found)
        if sum(len(each) > 0 for each in found) > 1:
            pairs = np.unique(pairs, axis=0)
        box, target = pairs.T
        centre, radius = spheres(boxes)
        apart_m = np.linalg.norm(centre[box] - self._centre[target], axis=1)
        near = apart_m - radius[box] - self._radius[target] <= reach_m[box] + 1e-3
        return box[near], target[near]

    def _within_ellipse(self, boxes: Floats, d_lon: Floats, d_lat: Floats) -> Ints:
        west, south, east, north = boxes.T
        wider = np.minimum(d_lon, 360.0)
        asked = np.flatnonzero((west - wider <= 180.0) & (east + wider >= -180.0))
        wide = shapely.box(
            (west - wider)[asked], (south - d_lat)[asked], (east + wider)[asked], (north + d_lat)[asked]
        )
        query, target = self._tree.query(wide)
        box = asked[query]
        other = self._bounds[target]
        apart_lon = np.maximum(np.maximum(other[:, 0] - east[box], west[box] - other[:, 2]), 0.0)
        apart_lat = np.maximum(np.maximum(other[:, 1] - north[box], south[box] - other[:, 3]), 0.0)
        # Lengths along parallel and meridian are both underestimated, so this keeps every true neighbour.
        near = (apart_lon / d_lon[box]) ** 2 + (apart_lat / d_lat[box]) ** 2 <= 1.0 + 1e-9
        return np.stack([box[near], target[near]], axis=-1)
