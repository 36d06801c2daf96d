"""The search for partitions: starts by bisection and by centres, each annealed to several tolerances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from gisgrid.spatial.edges import Floats, Ints
from gisgrid.spatial.suggesting.cell_graph import components
from gisgrid.spatial.suggesting.partition import Land, Partition

TOLERANCES: Final = (0.1, 0.045, 0.2, 0.06, 0.03, 0.4)
"""Shares of the mean by which a unit's weight may be off; the most wanted first, should time run out."""

_MOST_MOVES: Final = 160_000
"""For each start and tolerance: 0.1 s."""
_LLOYD_STEPS: Final = 60
_STIRRINGS: Final = (0.02, 0.01, 0.01)
"""Temperatures at which a partition that could not be mended is stirred, to be mended again."""
_POLISHING: Final = 0.002
"""The temperature at which a mended partition settles."""


@dataclass(frozen=True)
class Effort:
    """How long to search: starts for each tolerance, and neighbours looked at for each cell and start."""

    starts: int = 5
    moves_a_cell: int = 300

    @classmethod
    def for_cells(cls, count: int) -> Effort:
        """As long as it pays for so many cells, and no longer than one waits: some 3 s."""
        return cls(moves_a_cell=max(min(300, _MOST_MOVES // count), 20))


def partitions(
    land: Land,
    units: int,
    *,
    seed: int,
    effort: Effort,
    tolerances: Sequence[float] = TOLERANCES,
    is_over: Callable[[], bool] = lambda: False,
) -> Iterator[Ints]:
    """Search for partitions, from even ones to compact ones.

    Parameters
    ----------
    land : Land
        n cells.
    units : int
        At most n.
    seed : int
        The same seed, the same partitions.
    effort : Effort
    tolerances : sequence of float
    is_over : callable
        Asked before each but the first; the search ends when it says so.

    Yields
    ------
    ndarray of n integers
        The unit of each cell; every unit is contiguous and not empty.
    """
    if units == 1:
        yield np.zeros(len(land), dtype=np.int64)
        return
    rng = np.random.default_rng(seed)
    moves = effort.moves_a_cell * len(land)
    for start in range(effort.starts):
        unit_of = bisected(land, units, 0.0 if start == 0 else float(rng.uniform(-0.6, 0.6)))
        begun = contiguous(land, rounded(land, unit_of, units) if start % 2 else unit_of, units)
        for at, tolerance in enumerate(tolerances):
            if (start or at) and is_over():
                return
            partition = Partition(land, begun, units)
            partition.anneal(moves, tolerance, rng)
            partition.mend(tolerance)
            for hot in _STIRRINGS:
                if partition.deviation <= tolerance:
                    break
                partition.anneal(moves // 5, tolerance, rng, hot=hot)
                partition.mend(tolerance)
            partition.anneal(moves // 5, tolerance, rng, hot=_POLISHING)
            yield np.array(partition.unit_of, dtype=np.int64)


def bisected(land: Land, units: int, turn_rad: float) -> Ints:
    """Units by cutting in two, again and again, across the long axis; about balanced, not yet contiguous.

    Parameters
    ----------
    land : Land
    units : int
        At most the number of cells.
    turn_rad : float
        By how much to turn each cut, so that starts differ.
    """
    # A little of the area decides where a cut runs through land without weight.
    weight = land.weight / max(land.weight.sum(), 1e-300) + 1e-3 * land.area_m2 / land.area_m2.sum()
    unit_of = np.zeros(len(land), dtype=np.int64)
    todo = [(np.arange(len(land)), 0, units)]
    while todo:
        cells, first, count = todo.pop()
        if count == 1:
            unit_of[cells] = first
            continue
        half = count // 2
        order = np.argsort(land.centre_m[cells] @ _long_axis(land, cells, turn_rad), kind="stable")
        filled = np.cumsum(weight[cells[order]])
        cut = int(np.argmin(np.abs(filled - filled[-1] * half / count))) + 1
        cut = min(max(cut, half), len(cells) - (count - half))
        todo.append((cells[order[:cut]], first, half))
        todo.append((cells[order[cut:]], first + half, count - half))
    return unit_of


def _long_axis(land: Land, cells: Ints, turn_rad: float) -> Floats:
    area = land.area_m2[cells]
    away = land.centre_m[cells] - np.average(land.centre_m[cells], axis=0, weights=area)
    axis = np.linalg.eigh((away * area[:, None]).T @ away)[1][:, 1]
    axis = axis if axis[int(np.argmax(np.abs(axis)))] > 0 else -axis
    sine, cosine = np.sin(turn_rad), np.cos(turn_rad)
    return np.asarray(np.array([[cosine, -sine], [sine, cosine]]) @ axis)


def rounded(land: Land, unit_of: Ints, units: int) -> Ints:
    """Units as the cells nearest to each one's centre (Lloyd 1982): compact, neither even nor contiguous."""
    for _ in range(_LLOYD_STEPS):
        area = np.bincount(unit_of, weights=land.area_m2, minlength=units)
        centre = np.stack(
            [np.bincount(unit_of, land.area_m2 * axis, minlength=units) for axis in land.centre_m.T], axis=-1
        )
        there = np.flatnonzero(area > 0)
        nearest = there[cKDTree(centre[there] / area[there, None]).query(land.centre_m)[1]]
        if np.array_equal(nearest, unit_of):
            break
        unit_of = nearest
    return unit_of


def contiguous(land: Land, unit_of: Ints, units: int) -> Ints:
    """Leave each unit its heaviest piece, give the others to neighbours, and let no unit be empty."""
    unit_of = unit_of.copy()
    same = unit_of[land.first] == unit_of[land.second]
    piece = components(len(land), land.first[same], land.second[same])
    size = np.stack([np.bincount(piece, weights=land.weight), np.bincount(piece).astype(float)])
    order = np.lexsort((-size[1][piece], -size[0][piece], unit_of))
    held = order[np.unique(unit_of[order], return_index=True)[1]]
    unit_of[~np.isin(piece, piece[held])] = -1
    _grow(land, unit_of)
    partition = Partition(land, unit_of, units)
    for empty in [unit for unit in range(units) if not partition.count[unit]]:
        for cell in sorted(range(len(land)), key=lambda each: -partition.weights[partition.unit_of[each]]):
            if partition.may_leave(cell):
                partition.move(cell, empty)
                break
    return np.array(partition.unit_of, dtype=np.int64)


def _grow(land: Land, unit_of: Ints) -> None:
    """Give cells without a unit (-1), from the edge inwards, to the one with which they share most border."""
    while np.any(unit_of < 0):
        a, b = np.r_[land.first, land.second], np.r_[land.second, land.first]
        open_ = (unit_of[a] < 0) & (unit_of[b] >= 0)
        key, which = np.unique(a[open_] * len(land) + unit_of[b[open_]], return_inverse=True)
        border = np.bincount(which, weights=np.r_[land.border_m, land.border_m][open_])
        cell = key // len(land)
        order = np.lexsort((key, -border, cell))
        best = order[np.unique(cell[order], return_index=True)[1]]
        unit_of[cell[best]] = key[best] % len(land)
