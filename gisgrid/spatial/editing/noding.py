"""Edges led through each other's ends and crossings, so that what meets shares its vertices to the last bit.

No vertex that is there already ever moves: edges bend to the vertices that lie on
them, by less than the tolerance. The first place computed for a crossing counts;
whatever else passes it by less than `SAME_PLACE_DEG` is led through it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.spatial.arrangement import SAME_PLACE_DEG
from gisgrid.spatial.edges import Edges, Floats, Geometries, Ints, vertex_hashes

_AT_ONCE = 200_000
"""Pairs that are compared one by one; more are looked up in a tree."""

_CELL_PAIRS = 4_000_000


def no_edges() -> Edges:
    """None at all."""
    return Edges(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, dtype=np.int64))


def together(*edges: Edges) -> Edges:
    """Several sets of edges as one."""
    return Edges(
        np.concatenate([each.start for each in edges]),
        np.concatenate([each.end for each in edges]),
        np.concatenate([each.owner for each in edges]),
    )


def near_box(edges: Edges, box: Floats, margin: float = SAME_PLACE_DEG) -> Edges:
    """The edges whose own box meets a box (west, south, east, north)."""
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    meets = np.asarray(((low <= box[2:] + margin) & (high >= box[:2] - margin)).all(axis=1))
    return edges if meets.all() else edges.take(meets)


def box_of(points: Floats) -> Floats:
    """West, south, east and north of n points."""
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def unique_points(points: Floats) -> Floats:
    """Each of n points once, ordered by x, then y."""
    # Asked for positions it sorts, which is twice as fast as looking up what was there before.
    return np.unique(_packed(points), return_index=True)[0].view(np.float64).reshape(-1, 2)


def is_among(points: Floats, others: Floats) -> NDArray[np.bool_]:
    """Which of n points are, to the last bit, one of m others."""
    if not len(points) or not len(others):
        return np.zeros(len(points), dtype=bool)
    one, other = vertex_numbers(points, others)
    is_other = np.zeros(max(one.max(), other.max()) + 1, dtype=bool)
    is_other[other] = True
    return np.asarray(is_other[one])


def unique_edges(edges: Edges) -> Edges:
    """Each edge once, whichever way it runs; always from the lesser end to the greater."""
    start, end = edges.start, edges.end
    turn = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(turn[:, None], end, start), np.where(turn[:, None], start, end)
    first, last = vertex_numbers(low, high)
    width = max(first.max(initial=0), last.max(initial=0)) + 1
    kept = np.unique(first * width + last, return_index=True)[1]
    return Edges(low[kept], high[kept], edges.owner[kept])


def vertex_numbers(*points: Floats) -> tuple[Ints, ...]:
    """A number for each point of several arrays; equal points have equal numbers."""
    every = np.concatenate(points) + 0.0
    numbers = np.asarray(pd.factorize(vertex_hashes(every))[0], dtype=np.int64)
    first = np.zeros(numbers.max(initial=-1) + 1, dtype=np.int64)
    first[numbers[::-1]] = np.arange(len(every))[::-1]
    if not np.array_equal(every[first[numbers]], every):  # two places have one hash
        numbers = np.unique(_packed(every), return_inverse=True)[1].astype(np.int64)
    return tuple(np.split(numbers, np.cumsum([len(each) for each in points])[:-1]))


def are_among(start: Floats, end: Floats, others: Edges, *, either_way: bool = False) -> NDArray[np.bool_]:
    """Which edges from `start` to `end` are, in that direction or either way, among others."""
    first, last, one, other = vertex_numbers(start, end, others.start, others.end)
    if either_way:
        first, last = np.minimum(first, last), np.maximum(first, last)
        one, other = np.minimum(one, other), np.maximum(one, other)
    width = max(last.max(initial=0), other.max(initial=0)) + 1
    return np.asarray(pd.Index(first * width + last).isin(one * width + other))


def _packed(points: Floats) -> NDArray[np.complex128]:
    """Each of n points as one number; -0.0 is 0.0."""
    return np.ascontiguousarray(points + 0.0).view(np.complex128).ravel()


def on_edges(points: Floats, edges: Edges, tolerance: float) -> tuple[Ints, Ints, Floats]:
    """Which points lie on which edges, but not at their ends.

    Returns
    -------
    edge, point : ndarrays of positions
    share : ndarray of floats
        How far along the edge, from 0 to 1.
    """
    if not len(points) or not len(edges):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    edge, point = _near(points, edges, tolerance)
    start, along = edges.start[edge], edges.end[edge] - edges.start[edge]
    away = points[point] - start
    length = np.hypot(along[:, 0], along[:, 1])
    share = (away[:, 0] * along[:, 0] + away[:, 1] * along[:, 1]) / length**2
    aside = np.abs(away[:, 0] * along[:, 1] - away[:, 1] * along[:, 0]) / length
    inner = (aside <= tolerance) & (share * length > tolerance) & ((1 - share) * length > tolerance)
    return edge[inner], point[inner], share[inner]


def _near(points: Floats, edges: Edges, tolerance: float) -> tuple[Ints, Ints]:
    """Pairs of an edge and a point whose boxes meet."""
    low = np.minimum(edges.start, edges.end) - tolerance
    high = np.maximum(edges.start, edges.end) + tolerance
    box = box_of(points)
    candidate = np.flatnonzero(((low <= box[2:]) & (high >= box[:2])).all(axis=1))
    if len(candidate) * len(points) <= _AT_ONCE:
        x, y = points[:, 0], points[:, 1]
        low, high = low[candidate], high[candidate]
        meets = (low[:, :1] <= x) & (x <= high[:, :1]) & (low[:, 1:] <= y) & (y <= high[:, 1:])
        edge, point = np.nonzero(meets)
        return candidate[edge], point
    boxes = shapely.box(low[candidate, 0], low[candidate, 1], high[candidate, 0], high[candidate, 1])
    tree = shapely.STRtree(np.asarray(shapely.points(points), dtype=object))
    edge, point = tree.query(boxes)
    return candidate[edge], point


def led_through(edges: Edges, points: Floats, tolerance: float = SAME_PLACE_DEG) -> Edges:
    """Edges with those points that lie on them as ends; in the order of those that they are parts of."""
    edge, point, share = on_edges(points, edges, tolerance)
    if not len(edge):
        return edges
    every = np.arange(len(edges))
    of = np.concatenate([every, edge, every])
    at = np.concatenate([np.full(len(edges), -1.0), share, np.full(len(edges), 2.0)])
    order = np.lexsort((at, of))
    of, chain = of[order], np.concatenate([edges.start, points[point], edges.end])[order]
    same = (of[:-1] == of[1:]) & (chain[:-1] != chain[1:]).any(axis=1)
    return Edges(chain[:-1][same], chain[1:][same], edges.owner[of[:-1][same]])


def crossings(some: Edges, others: Edges) -> Floats:
    """Where edges of two sets cross, each in its inside; once a place.

    The place does not depend on which way an edge runs. Ends that lie on the
    other edge are no crossings: lead the edges through them first.
    """
    some, others = unique_edges(some), unique_edges(others)
    one, other = _meeting(some, others)
    a, b = some.start[one], others.start[other]
    along, across = some.end[one] - a, others.end[other] - b
    turn = along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]
    apart = b - a
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (apart[:, 0] * across[:, 1] - apart[:, 1] * across[:, 0]) / turn
        back = (apart[:, 0] * along[:, 1] - apart[:, 1] * along[:, 0]) / turn
    proper = (share > 0) & (share < 1) & (back > 0) & (back < 1)
    found = a[proper] + share[proper, None] * along[proper]
    return _one_a_place(found)


def _meeting(some: Edges, others: Edges) -> tuple[Ints, Ints]:
    """Pairs of edges whose boxes meet."""
    if not len(some) or not len(others):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    low, high = np.minimum(some.start, some.end), np.maximum(some.start, some.end)
    box = np.concatenate([low.min(axis=0), high.max(axis=0)])
    lows, highs = np.minimum(others.start, others.end), np.maximum(others.start, others.end)
    candidate = np.flatnonzero(((lows <= box[2:]) & (highs >= box[:2])).all(axis=1))
    lows, highs = lows[candidate], highs[candidate]
    if len(some) * len(candidate) <= _AT_ONCE:
        meets = (low[:, None, :] <= highs[None]).all(axis=2) & (high[:, None, :] >= lows[None]).all(axis=2)
        one, other = np.nonzero(meets)
        return one, candidate[other]
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    other, one = tree.query(shapely.box(lows[:, 0], lows[:, 1], highs[:, 0], highs[:, 1]))
    return one, candidate[other]


def _one_a_place(points: Floats) -> Floats:
    """Of points that are one place but for a rounding, the first."""
    points = unique_points(points)
    if len(points) < 2:
        return points
    tree = shapely.STRtree(np.asarray(shapely.points(points), dtype=object))
    one, other = tree.query(shapely.points(points), predicate="dwithin", distance=SAME_PLACE_DEG)
    first = np.arange(len(points))
    np.minimum.at(first, one, other)
    return np.asarray(points[first == np.arange(len(points))])


def moved_onto(edges: Edges, points: Floats, tolerance: float = SAME_PLACE_DEG) -> Edges:
    """Edges whose ends, where they all but meet one of some points, are that point."""
    if not len(points):
        return edges
    ends = unique_points(np.concatenate([edges.start, edges.end]))
    box = box_of(points)
    near = (ends >= box[:2] - tolerance).all(axis=1) & (ends <= box[2:] + tolerance).all(axis=1)
    fresh = ends[near & ~is_among(ends, points)]
    tree = shapely.STRtree(np.asarray(shapely.points(points), dtype=object))
    at, to = tree.query_nearest(shapely.points(fresh), max_distance=tolerance, all_matches=False)
    if not len(at):
        return edges
    start, end, given = vertex_numbers(edges.start, edges.end, fresh[at])
    place = np.full((max(start.max(), end.max(), given.max()) + 1, 2), np.nan)
    place[start], place[end] = edges.start, edges.end
    place[given] = points[to]
    start, end = place[start], place[end]
    proper = (start != end).any(axis=1)
    return Edges(start[proper], end[proper], edges.owner[proper])


def noded(some: Edges, others: Edges) -> tuple[Edges, Edges]:
    """Two sets of edges, each led through the other's ends and through their common crossings.

    Ends of the others that all but meet an end of the first are that end.
    """
    others = moved_onto(others, unique_points(np.concatenate([some.start, some.end])))
    bent = led_through(some, unique_points(np.concatenate([others.start, others.end])))
    other_bent = led_through(others, unique_points(np.concatenate([some.start, some.end])))
    places = crossings(bent, other_bent)
    return led_through(bent, places), led_through(other_bent, places)


def renoded(edges: Edges) -> Edges:
    """Edges noded by GEOS, their ends one point where they are one place; whose they are is lost."""

    def settled(some: Edges) -> Edges:
        return moved_onto(some, _one_a_place(np.concatenate([some.start, some.end])))

    lines = shapely.node(shapely.multilinestrings(unique_edges(settled(edges)).lines()))
    at, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    on = line[:-1] == line[1:]
    return settled(Edges(at[:-1][on], at[1:][on], np.zeros(int(on.sum()), dtype=np.int64)))


def faces_of(edges: Edges) -> Geometries:
    """The faces that noded edges bound."""
    return np.asarray(shapely.get_parts(shapely.polygonize(unique_edges(edges).lines())), dtype=object)
