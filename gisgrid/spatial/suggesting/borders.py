"""From cells with a unit each to the units' polygons, their borders straight where nothing holds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gisgrid.spatial.edges import Floats, Geometries, Ints
from gisgrid.spatial.suggesting.cell_graph import OUTSIDE, Bools, CellGraph, polygons_of

_STRAY_SHARE: Final = 0.75
"""A border may leave its cells' edges by this share of a cell's width."""


@dataclass
class _Chain:
    """A border between two owners from junction to junction: vertices, and which of them are still used."""

    vertices: list[int]
    left: int
    right: int
    is_free: bool
    stray_m: float
    used: list[int]  # positions in `vertices`, ascending

    def halved(self, at: int, metres: Floats) -> bool:
        """Put back the farthest vertex between the used one at `at` and the next; False if there is none."""
        i, j = self.used[at], self.used[at + 1]
        if j - i < 2:
            return False
        self.used.insert(at + 1, i + 1 + int(np.argmax(_away(metres[self.vertices[i : j + 1]]))))
        return True


def draw_units(
    graph: CellGraph,
    unit_of: Ints,
    units: int,
    *,
    is_free: Bools,
    outline: Floats,
    spots_m: Floats,
) -> Geometries:
    """Polygons of units, as a valid coverage.

    Parameters
    ----------
    graph : CellGraph
        n cells, e edges.
    unit_of : ndarray of n integers
        The unit of each cell, from 0.
    units : int
    is_free : ndarray of e bools
        Edges that a border may leave to run straight; no farther than the width of a cell.
    outline : ndarray of shape (m, 2)
        Vertices of the owner's outline, lon/lat. Others on the outline are left out
        where no border ends.
    spots_m : ndarray of shape (s, 2)
        Places that stay in the unit in which they are, metres in the graph's plane.

    Returns
    -------
    ndarray of `units` Polygons or MultiPolygons
        EPSG:4490; their union is that of the cells but for vertices left out of the outline.
    """
    left = unit_of[graph.left]
    right = np.where(graph.right == OUTSIDE, OUTSIDE, unit_of[graph.right])
    chains = list(_chains(graph, left, right, is_free))
    kept = _is_in(graph.lonlat, outline)
    spots = shapely.STRtree(np.asarray(shapely.points(spots_m), dtype=object))
    for chain in chains:
        if chain.right == OUTSIDE:
            inner = [k for k in range(1, len(chain.vertices) - 1) if kept[chain.vertices[k]]]
            chain.used = [0, *inner, len(chain.vertices) - 1]
            if chain.vertices[0] == chain.vertices[-1] and len(chain.used) < 4:
                chain.used = list(range(len(chain.vertices)))
        elif chain.is_free:
            _straighten(chain, graph.metres, spots, spots_m)
    _uncross(chains, graph.metres)
    ends = [
        (chain.vertices[i], chain.vertices[j], chain.left, chain.right)
        for chain in chains
        for i, j in zip(chain.used[:-1], chain.used[1:], strict=True)
    ]
    start, end, left, right = np.array(ends, dtype=np.int64).T
    return polygons_of(graph.lonlat, start, end, left, right, units)


def _is_in(rows: Floats, others: Floats) -> Bools:
    return np.isin(rows[:, 0] + 1j * rows[:, 1], others[:, 0] + 1j * others[:, 1])


def _chains(graph: CellGraph, left: Ints, right: Ints, is_free: Bools) -> Iterator[_Chain]:
    """The borders, each from a vertex where it meets another (or changes its freedom) to the next."""
    width_m = np.sqrt(graph.area_m2)
    beyond = np.where(graph.right == OUTSIDE, graph.left, graph.right)
    stray_m = _STRAY_SHARE * np.minimum(width_m[graph.left], width_m[beyond])
    drawn = np.flatnonzero(left != right)
    is_free = is_free & (right != OUTSIDE)
    start, end = graph.start.tolist(), graph.end.tolist()
    at: dict[int, list[int]] = {}
    for edge in drawn.tolist():
        at.setdefault(start[edge], []).append(edge)
        at.setdefault(end[edge], []).append(edge)
    free = is_free.tolist()
    junctions = {vertex for vertex, met in at.items() if len(met) != 2 or free[met[0]] != free[met[1]]}
    waiting = dict.fromkeys(drawn.tolist())

    def traced(vertex: int, edge: int) -> _Chain:
        forward = start[edge] == vertex
        sides = (int(left[edge]), int(right[edge]))
        walked, along = [vertex], [edge]
        del waiting[edge]
        while True:
            vertex = end[edge] if start[edge] == vertex else start[edge]
            walked.append(vertex)
            following = [each for each in at[vertex] if each in waiting]
            if vertex in junctions or not following:
                break
            edge = following[0]
            del waiting[edge]
            along.append(edge)
        if not forward:
            walked.reverse()
        used = list(range(len(walked)))
        return _Chain(walked, *sides, free[along[0]], float(np.median(stray_m[along])), used)

    for vertex in sorted(junctions):
        for edge in at[vertex]:
            if edge in waiting:
                yield traced(vertex, edge)
    while waiting:  # rings without a junction
        edge = next(iter(waiting))
        yield traced(start[edge], edge)


def _away(line: Floats) -> Floats:
    """How far the inner vertices of a line are from the segment between its ends."""
    first, chord = line[0], line[-1] - line[0]
    inner = line[1:-1] - first
    length2 = float(chord @ chord)
    share = np.clip(inner @ chord / length2, 0, 1) if length2 > 0 else np.zeros(len(inner))
    return np.asarray(np.hypot(*(inner - share[:, None] * chord).T))


def _straighten(chain: _Chain, metres: Floats, spots: shapely.STRtree, spots_m: Floats) -> None:
    """Leave out vertices where the straight line stays near and no spot changes sides (Douglas, Peucker)."""
    last = len(chain.vertices) - 1
    chain.used = [0, last]
    if chain.vertices[0] == chain.vertices[-1] and last > 3:
        chain.used = [0, last // 3, 2 * last // 3, last]
    at = 0
    while at < len(chain.used) - 1:
        i, j = chain.used[at], chain.used[at + 1]
        line = metres[chain.vertices[i : j + 1]]
        holds = j - i < 2 or (_away(line).max() <= chain.stray_m and not _passes(line, spots, spots_m))
        if holds or not chain.halved(at, metres):
            at += 1


def _passes(line: Floats, spots: shapely.STRtree, spots_m: Floats) -> bool:
    """Whether a spot lies between a line and the segment between its ends."""
    between = shapely.polygons(np.concatenate([line, line[:1]]))
    near = spots.query(between)
    return bool(len(near)) and bool(np.any(shapely.intersects_xy(between, *spots_m[near].T)))


def _uncross(chains: list[_Chain], metres: Floats) -> None:
    """Put vertices back until no segment of a border meets another but at their common end."""
    while True:
        of = [(c, k) for c, chain in enumerate(chains) for k in range(len(chain.used) - 1)]
        ends = np.array(
            [
                (chains[c].vertices[chains[c].used[k]], chains[c].vertices[chains[c].used[k + 1]])
                for c, k in of
            ]
        )
        lines = np.asarray(shapely.linestrings(metres[ends]))
        one, two = shapely.STRtree(lines).query(lines, predicate="intersects")
        one, two = one[one < two], two[one < two]
        shared = (ends[one][:, :, None] == ends[two][:, None, :]).any(axis=2).sum(axis=1)
        suspect = np.flatnonzero(shared > 0)
        meeting = shapely.intersection(lines[one[suspect]], lines[two[suspect]])
        is_wrong = shared == 0
        is_wrong[suspect] = (shapely.get_type_id(meeting) != 0) | (shared[suspect] > 1)
        todo = sorted({of[each] for pair in (one[is_wrong], two[is_wrong]) for each in pair}, reverse=True)
        put_back = [chains[c].halved(k, metres) for c, k in todo]  # all of them, before the next look
        if not any(put_back):
            return
