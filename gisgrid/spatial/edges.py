"""The edges of a coverage: directed, hashed, cancelled against each other.

Orient every polygon the same way and lay a parent's outline against the outlines
of its children: where they agree, each edge meets its own reverse and the two
cancel. What is left bounds exactly the places where the number of children
differs from the number of parents, so only that needs an overlay.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Edges:
    """n directed edges: `start` and `end` are (n, 2) coordinates, `owner` the index of the polygon."""

    start: Floats
    end: Floats
    owner: Ints

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, which: NDArray[np.bool_] | Ints) -> Edges:
        """The edges that a mask or an index picks."""
        return Edges(self.start[which], self.end[which], self.owner[which])

    def lines(self) -> Geometries:
        """The edges as n LineStrings."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)))


def directed_edges(polygons: Geometries) -> Edges:
    """All edges of n polygons, with the polygon's interior on the left of each.

    Parameters
    ----------
    polygons : ndarray of n Polygons or MultiPolygons
        In any plane.

    Returns
    -------
    Edges
        Without edges of zero length.
    """
    parts, polygon = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    coordinates += 0.0  # -0.0 and 0.0 are one place, but not one bit pattern
    x, y = coordinates[:, 0], coordinates[:, 1]
    proper = (ring[:-1] == ring[1:]) & ((x[:-1] != x[1:]) | (y[:-1] != y[1:]))
    first = np.flatnonzero(proper)
    owner = polygon[part][ring[first]].astype(np.int64)
    return Edges(coordinates.take(first, axis=0), coordinates.take(first + 1, axis=0), owner)


def _mix(bits: Hashes) -> Hashes:
    """Spread 64 bits (the finaliser of splitmix64, Steele et al. 2014)."""
    bits = bits.copy()
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits


def vertex_hashes(coordinates: Floats, seed: int = 0) -> Hashes:
    """A 64-bit hash for each of n (x, y) rows; equal coordinates have equal hashes."""
    bits = np.ascontiguousarray(coordinates).view(np.uint64)
    return _mix(_mix(bits[:, 0] + np.uint64(seed)) + bits[:, 1] * np.uint64(0x9E3779B97F4A7C15))


@dataclass(frozen=True)
class EdgeSums:
    """Undirected edges and the sum of the weights of the directed edges that run along them.

    `first` is the index of one directed edge for each, `weight` the sum: a
    weight counts positive along the direction of that edge.
    """

    first: Ints
    weight: Floats


def sum_edges(edges: Edges, weight: Floats, group: Ints) -> EdgeSums:
    """Add up the weights of edges that run between the same two vertices in the same group.

    Parameters
    ----------
    edges : Edges
        n edges.
    weight : ndarray of n floats
        Counted negative for an edge that runs the other way.
    group : ndarray of n integers
        Edges of different groups never meet.
    """
    for seed in range(8):
        start, end = vertex_hashes(edges.start, seed), vertex_hashes(edges.end, seed)
        key = _edge_key(start, end, group)
        order = np.argsort(key)
        ordered = key[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = ordered[1:] != ordered[:-1]
        if _collides(edges, group, order, new, seed + 1000):
            continue
        first = order[new]
        forward = start < end
        signed = np.where(forward, weight, -weight)[order]
        total = np.add.reduceat(signed, np.flatnonzero(new)) if len(order) else signed
        return EdgeSums(first, np.where(forward[first], total, -total))
    raise AssertionError("eight independent 64-bit hashes cannot all collide")


def _edge_key(start: Hashes, end: Hashes, group: Ints) -> Hashes:
    """A hash of an undirected edge of a group."""
    return _mix(start + end) + _mix(group.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15))


def _collides(edges: Edges, group: Ints, order: Ints, new: NDArray[np.bool_], seed: int) -> bool:
    """Whether different edges share a key, judged by a second, independent 64-bit hash."""
    start, end = vertex_hashes(edges.start, seed), vertex_hashes(edges.end, seed)
    check = _edge_key(start, end, group)[order]
    return bool(np.any(~new[1:] & (check[1:] != check[:-1])))


def split_at_ends(edges: Edges, tolerance: float) -> Edges:
    """Lead each of n edges through the ends of others that lie on it.

    Parameters
    ----------
    edges : Edges
    tolerance : float
        How far from an edge an end may lie to count as on it; no edge moves more.

    Returns
    -------
    Edges
        At least n, in the order of those that they are parts of.
    """
    ends = np.unique(np.concatenate([edges.start, edges.end]), axis=0)
    tree = shapely.STRtree(edges.lines())
    end, edge = tree.query(shapely.points(ends), predicate="dwithin", distance=tolerance)
    along = edges.end[edge] - edges.start[edge]
    length = np.hypot(*along.T)
    share = np.einsum("ij,ij->i", ends[end] - edges.start[edge], along) / length**2
    inner = (share * length > tolerance) & ((1 - share) * length > tolerance)
    if not inner.any():
        return edges
    of = np.concatenate([np.arange(len(edges)), edge[inner], np.arange(len(edges))])
    at = np.concatenate([np.zeros(len(edges)), share[inner], np.ones(len(edges))])
    order = np.lexsort((at, of))
    of, chain = of[order], np.concatenate([edges.start, ends[end[inner]], edges.end])[order]
    same = of[:-1] == of[1:]
    return Edges(chain[:-1][same], chain[1:][same], edges.owner[of[:-1][same]])


def share_vertices(layers: list[Geometries], tolerance: float, *, snap: bool = False) -> list[Geometries]:
    """Insert into each polygon the vertices that others have on its edges.

    A neighbour's vertex on a straight edge is harmless in the plane it was drawn
    in, and opens a false gap as soon as that plane is bent into another, so this
    must come before a transformation.

    Parameters
    ----------
    layers : list of ndarrays of polygons
        In one projected plane, units of which `tolerance` is given in.
    tolerance : float
        How far from an edge a vertex may lie to count as on it. The inserted
        point lies on the edge: no outline moves.
    snap : bool
        Insert the vertex itself instead, so that edges match to the last bit;
        an outline moves by `tolerance` at most.

    Returns
    -------
    list of ndarrays of polygons
        Aligned with `layers`.
    """
    polygons = np.concatenate(layers)
    rings = shapely.get_rings(shapely.get_parts(polygons))
    vertices = np.unique(shapely.get_coordinates(rings), axis=0)
    tree = shapely.STRtree(np.asarray(shapely.points(vertices), dtype=object))
    return [
        np.array([_insert(polygon, tree, vertices, tolerance, snap) for polygon in layer], dtype=object)
        for layer in layers
    ]


def _insert(polygon: object, tree: shapely.STRtree, vertices: Floats, tolerance: float, snap: bool) -> object:
    edges = directed_edges(np.array([polygon], dtype=object))
    edge, vertex = tree.query(edges.lines(), predicate="dwithin", distance=tolerance)
    start, end, at = edges.start[edge], edges.end[edge], vertices[vertex]
    along = np.einsum("ij,ij->i", at - start, end - start) / np.einsum("ij,ij->i", end - start, end - start)
    length = np.hypot(*(end - start).T)
    inner = (along * length > tolerance) & ((1 - along) * length > tolerance)
    if not inner.any():
        return polygon
    foot = start[inner] + along[inner, None] * (end - start)[inner]
    exact = snap | (np.hypot(*(foot - at[inner]).T) < tolerance * 1e-3)
    foot[exact] = at[inner][exact]
    chosen = {(*edges.start[e], *edges.end[e]): [] for e in np.unique(edge[inner])}  # type: dict[tuple[float, float, float, float], list[tuple[float, float, float]]]
    for e, t, (x, y) in zip(edge[inner], along[inner], foot, strict=True):
        chosen[(*edges.start[e], *edges.end[e])].append((t, x, y))

    def densified(ring: Floats) -> Floats:
        out: list[Floats] = []
        for a, b in pairwise(ring):
            out.append(a)
            ahead = chosen.get((a[0], a[1], b[0], b[1]))
            back = chosen.get((b[0], b[1], a[0], a[1]))
            if ahead:
                out += [np.array(each[1:]) for each in sorted(ahead)]
            elif back:
                out += [np.array(each[1:]) for each in sorted(back, reverse=True)]
        out.append(ring[-1])
        return np.array(out)

    parts = [
        shapely.Polygon(
            densified(shapely.get_coordinates(part.exterior)),
            [shapely.linearrings(densified(shapely.get_coordinates(hole))) for hole in part.interiors],
        )
        for part in shapely.get_parts(np.array([polygon], dtype=object))
    ]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(np.array(parts, dtype=object))
