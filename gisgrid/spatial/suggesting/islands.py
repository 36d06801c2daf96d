"""Land in several pieces: which of them are worth units of their own, and which are joined over water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from gisgrid.spatial.edges import Floats, Ints
from gisgrid.spatial.suggesting.cell_graph import CellGraph, components

_OWN_UNIT_SHARE: Final = 0.5
"""An island with less than this share of a unit's mean weight belongs to a unit of its neighbour."""


@dataclass(frozen=True)
class Groups:
    """Pieces of land that are partitioned each by itself.

    `group` is that of each cell, `units` how many each group is divided into,
    `bridges` the pairs of cells that are taken for neighbours over water.
    """

    group: Ints
    units: Ints
    bridges: Ints  # (b, 2)


def groups_of(graph: CellGraph, weight: Floats, units: int) -> Groups:
    """Join small islands to the nearest, and share the units out among what is left.

    Parameters
    ----------
    graph : CellGraph
        n cells.
    weight : ndarray of n floats
        With a sum above 0.
    units : int
        At most n.
    """
    group, bridges = graph.island.copy(), np.zeros((0, 2), dtype=np.int64)
    enough = _OWN_UNIT_SHARE * weight.sum() / units
    while group.max() > 0:
        load = np.bincount(group, weights=weight)
        smallest = int(np.argmin(load))
        if load[smallest] >= enough and len(load) <= units:
            break
        pair = _nearest(graph, group == smallest)
        bridges = np.concatenate([bridges, pair[None]])
        first, second, _ = graph.borders(graph.length_m)
        group = components(graph.count, np.r_[first, bridges[:, 0]], np.r_[second, bridges[:, 1]])
    whole = np.asarray(np.bincount(group, weights=weight), dtype=np.float64)
    cells = np.asarray(np.bincount(group), dtype=np.int64)
    return Groups(group, _shared_out(whole, cells, units), bridges)


def _nearest(graph: CellGraph, inside: np.ndarray) -> Ints:
    """The two cells, one of a group and one of another, whose corners are nearest to each other."""
    within = np.flatnonzero(inside[graph.left])
    beyond = np.flatnonzero(~inside[graph.left])
    tree = cKDTree(graph.metres[graph.start[beyond]])
    apart, nearest = tree.query(graph.metres[graph.start[within]])
    best = int(np.argmin(apart))
    return np.array([graph.left[within[best]], graph.left[beyond[nearest[best]]]])


def _shared_out(load: Floats, cells: Ints, units: int) -> Ints:
    """One unit for each group, the others one by one to where a unit has most to do."""
    share = np.ones(len(load), dtype=np.int64)
    while share.sum() < units:
        burden = np.where(share < cells, load / share, -1.0)
        share[int(np.argmax(burden))] += 1
    return share
