"""Polygons added to, taken from and cut by each other through their edges, exactly.

Land that is added brings its edges, and where two neighbours meet, each edge meets
its own reverse and both vanish; land that is taken away brings its edges reversed.
Nothing is computed but the crossings, so what is far from them stays to the last bit.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.arrangement import DUST_DEG2, SAME_PLACE_DEG
from gisgrid.spatial.edges import Edges, Floats, Geometries, Ints, directed_edges
from gisgrid.spatial.editing.noding import (
    are_among,
    box_of,
    faces_of,
    is_among,
    led_through,
    near_box,
    no_edges,
    noded,
    on_edges,
    together,
    unique_points,
    vertex_numbers,
)
from gisgrid.spatial.merging import SPIKE_DEG

_AREA_SLACK = 1e-12
"""Relative: what adding up the same land in another order may differ by."""


def edges_of(polygon: BaseGeometry) -> Edges:
    """The directed edges of one polygon, its inside on their left."""
    return directed_edges(np.array([polygon], dtype=object))


def vertices_of(polygons: BaseGeometry | Geometries) -> Floats:
    """Each vertex of one or several polygons, once."""
    return unique_points(shapely.get_coordinates(polygons))


def through(polygon: BaseGeometry, points: Floats, tolerance: float = SAME_PLACE_DEG) -> BaseGeometry:
    """A polygon with those points that lie on its edges as vertices; itself if there are none.

    Rings, their order and where they start stay as they are. What is a vertex of it
    already is not inserted a second time.
    """
    coordinates, ring_of = shapely.get_coordinates(polygon, return_index=True)
    near = _within(points, box_of(coordinates), tolerance)
    if not len(near):
        return polygon
    parts = shapely.get_parts(polygon)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring_of[:-1] == ring_of[1:])
    start, end = coordinates[first], coordinates[first + 1]
    proper = (start != end).any(axis=1)
    first, start, end = first[proper], start[proper], end[proper]
    edge, point, share = on_edges(near, Edges(start, end, first), tolerance)
    if len(edge):
        new = ~is_among(near[point], coordinates)
        edge, point, share = edge[new], point[new], share[new]
    if not len(edge):
        return polygon
    order = np.lexsort((share, edge))
    after = first[edge[order]]
    coordinates = np.insert(coordinates, after + 1, near[point[order]], axis=0)
    ring_of = np.insert(ring_of, after + 1, ring_of[after])
    made = np.asarray(
        shapely.polygons(np.asarray(shapely.linearrings(coordinates, indices=ring_of)), indices=part)
    )
    return polygon_of(made)


def _within(points: Floats, box: Floats, margin: float) -> Floats:
    inside = (points >= box[:2] - margin).all(axis=1) & (points <= box[2:] + margin).all(axis=1)
    return points[inside]


def remainder(plus: Edges, minus: Edges) -> tuple[Edges, Ints]:
    """What is left when edges cancel against their reverses, and how often; `minus` counts reversed.

    Edges of different owners do not meet.
    """
    start, end = np.concatenate([plus.start, minus.end]), np.concatenate([plus.end, minus.start])
    owner = np.concatenate([plus.owner, minus.owner])
    if not len(owner):
        return no_edges(), np.zeros(0, dtype=np.int64)
    first, last = vertex_numbers(start, end)
    width = max(first.max(), last.max()) + 1
    key = np.minimum(first, last) * width + np.maximum(first, last)
    if (owner != owner[0]).any():
        key = (
            np.unique(key, return_inverse=True)[1] + (key.size + 1) * np.unique(owner, return_inverse=True)[1]
        )
    found, at, of = np.unique(key, return_index=True, return_inverse=True)
    count = np.bincount(of, weights=np.where(first < last, 1.0, -1.0), minlength=len(found)).astype(np.int64)
    left = np.flatnonzero(count)
    at, count = at[left], count[left]
    same_way = (first[at] < last[at]) == (count > 0)
    begin = np.where(same_way[:, None], start[at], end[at])
    finish = np.where(same_way[:, None], end[at], start[at])
    return Edges(begin, finish, owner[at]), np.abs(count)


def rebuilt(edges: Edges) -> BaseGeometry:
    """The polygon that lies on the left of directed edges; empty if there are none."""
    if not len(edges):
        return shapely.Polygon()
    faces = faces_of(edges)
    rings = shapely.get_exterior_ring(shapely.orient_polygons(faces))
    at, ring = shapely.get_coordinates(rings, return_index=True)
    begin = np.searchsorted(ring, np.arange(len(rings)))
    return polygon_of(faces[are_among(at[begin], at[begin + 1], edges)])


def polygon_of(parts: Geometries) -> BaseGeometry:
    """A polygon of some parts that share no edge."""
    if not len(parts):
        return shapely.Polygon()
    whole: BaseGeometry = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)  # type: ignore[assignment]
    return whole


def joined(base: BaseGeometry, land: BaseGeometry) -> BaseGeometry:
    """A polygon with more land; what of it the polygon covers already is not counted twice."""
    whole = _added(base, land)
    if whole is not None:
        return whole
    rest = outside(land, base)
    whole = _added(base, rest) if not rest.is_empty else base
    return shapely.union(base, land) if whole is None else whole


def _added(base: BaseGeometry, land: BaseGeometry) -> BaseGeometry | None:
    if base.is_empty:
        return land
    base, land = matched(base, land)
    whole = rebuilt(remainder(together(edges_of(base), edges_of(land)), no_edges())[0])
    is_whole = _same_area(whole.area, base.area + land.area) and shapely.is_valid(whole)
    return whole if is_whole else None


def without(base: BaseGeometry, land: BaseGeometry) -> BaseGeometry:
    """A polygon without land that lies inside it; what of the land lies outside does not count."""
    base, fitted = matched(base, land)
    left = rebuilt(remainder(edges_of(base), edges_of(fitted))[0])
    if _same_area(left.area, base.area - fitted.area, base.area) and shapely.is_valid(left):
        return left
    return outside(base, land)


def _same_area(found: float, expected: float, scale: float = 0.0) -> bool:
    return abs(found - expected) <= _AREA_SLACK * max(abs(expected), scale) + DUST_DEG2


def matched(one: BaseGeometry, other: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """Two polygons, each with the other's vertices on its edges."""
    return through(one, vertices_of(other)), through(other, vertices_of(one))


def inside(polygon: BaseGeometry, region: BaseGeometry) -> BaseGeometry:
    """What of a polygon lies in a region; without dust."""
    return overlaid(polygon, region)[0]


def outside(polygon: BaseGeometry, region: BaseGeometry) -> BaseGeometry:
    """What of a polygon lies outside a region; without dust."""
    return overlaid(polygon, region)[1]


def overlaid(polygon: BaseGeometry, region: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """What of a polygon lies inside a region, and what outside; without dust."""
    faces = pieces(polygon, edges_of(region))
    if not _same_land(faces, polygon):  # an outline that does not close where it is noded
        return shapely.intersection(polygon, region), shapely.difference(polygon, region)
    shapely.prepare(region)
    is_in = shapely.intersects(region, shapely.point_on_surface(faces))
    return polygon_of(faces[is_in]), polygon_of(faces[~is_in])


def _same_land(faces: Geometries, polygon: BaseGeometry) -> bool:
    """Whether faces make up a polygon, but for dust."""
    lost = abs(float(shapely.area(faces).sum()) - polygon.area)
    return bool(lost <= DUST_DEG2 + SPIKE_DEG * polygon.length)


def pieces(polygon: BaseGeometry, lines: Edges) -> Geometries:
    """The pieces into which lines cut a polygon; lines that end inside it cut nothing. Without dust."""
    own = edges_of(polygon)
    lines = near_box(lines, np.array(polygon.bounds))
    if not len(lines):
        return shapely.get_parts(polygon)
    faces = faces_of(together(*noded(own, lines)))
    faces = faces[is_land(faces)]
    shapely.prepare(polygon)
    return faces[shapely.intersects(polygon, shapely.point_on_surface(faces))]


def is_land(faces: Geometries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which faces are more than a rounding."""
    area = shapely.area(faces)
    return np.asarray((area > DUST_DEG2) & (area > SPIKE_DEG * shapely.length(faces)))


def borders_deg(land: BaseGeometry, others: Geometries) -> Floats:
    """How far, in the plane, the outline of some land runs along each of n polygons beside it."""
    length = np.zeros(len(others))
    box = np.array(land.bounds)
    near = np.flatnonzero(
        shapely.intersects(others, shapely.box(*(box + SPIKE_DEG * np.array([-1, -1, 1, 1]))))
    )
    if not len(near):
        return length
    around = near_box(directed_edges(others[near]), box)
    own, around = edges_of(land), led_through(around, vertices_of(land))
    if not len(around):
        return length
    own = led_through(own, unique_points(np.concatenate([around.start, around.end])))
    shared = are_among(around.end, around.start, own)
    apart = around.end[shared] - around.start[shared]
    length[near] = np.bincount(
        around.owner[shared],
        weights=np.hypot(apart[:, 0] * np.cos(np.radians(box[1])), apart[:, 1]),
        minlength=len(near),
    )
    return length


__all__ = [
    "borders_deg",
    "edges_of",
    "inside",
    "is_land",
    "joined",
    "led_through",
    "matched",
    "outside",
    "overlaid",
    "pieces",
    "polygon_of",
    "rebuilt",
    "remainder",
    "through",
    "vertices_of",
    "without",
]
