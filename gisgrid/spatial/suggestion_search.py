"""Partition a graph of cells into contiguous units: balanced starts, then annealed swaps along borders.

A unit is a set of cells; the search knows of each cell its weight, area, whole
perimeter and the length of the border with each neighbour, nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from gisgrid.spatial.cell_graph import components
from gisgrid.spatial.edges import Floats, Ints

_FOUR_PI: Final = 4 * math.pi
_LLOYD_STEPS: Final = 60
_SHAPE_SHARE: Final = 0.1


@dataclass(frozen=True)
class Land:
    """n connected cells to be partitioned.

    `first`, `second` and `border_m` list each pair of neighbours once; a bridge
    over water is a pair with a border of 0.
    """

    weight: Floats
    area_m2: Floats
    perimeter_m: Floats
    centre_m: Floats  # (n, 2)
    first: Ints
    second: Ints
    border_m: Floats

    def __len__(self) -> int:
        return len(self.weight)


class Partition:
    """Which unit each cell of a land is in, kept contiguous while cells change hands."""

    def __init__(self, land: Land, unit_of: Ints, units: int) -> None:
        self.land, self.units = land, units
        self.unit_of: list[int] = unit_of.tolist()
        self._weight: list[float] = land.weight.tolist()
        self._area: list[float] = land.area_m2.tolist()
        self._perimeter: list[float] = land.perimeter_m.tolist()
        self._near: list[list[tuple[int, float]]] = [[] for _ in range(len(land))]
        for a, b, border in zip(
            land.first.tolist(), land.second.tolist(), land.border_m.tolist(), strict=True
        ):
            self._near[a].append((b, border))
            self._near[b].append((a, border))
        self._ring = [self._ring_of(cell) for cell in range(len(land))]
        self.count = np.bincount(unit_of, minlength=units).tolist()
        self.weights = np.bincount(unit_of, weights=land.weight, minlength=units).tolist()
        self.areas = np.bincount(unit_of, weights=land.area_m2, minlength=units).tolist()
        inner = unit_of[land.first] == unit_of[land.second]
        within = np.bincount(unit_of[land.first][inner], weights=land.border_m[inner], minlength=units)
        whole = np.bincount(unit_of, weights=land.perimeter_m, minlength=units)
        self.perimeters = (whole - 2 * within).tolist()

    def _ring_of(self, cell: int) -> list[tuple[int, int]]:
        """For each neighbour of a cell, as a bit: its cell, and which of the others it touches."""
        bit = {near: 1 << k for k, (near, _) in enumerate(self._near[cell])}
        return [
            (near, sum(bit.get(other, 0) for other, _ in self._near[near])) for near, _ in self._near[cell]
        ]

    def may_leave(self, cell: int) -> bool:
        """Whether the unit of a cell stays in one piece without it."""
        unit_of, unit = self.unit_of, self.unit_of[cell]
        if self.count[unit] < 2:
            return False
        own, touches, bit = 0, {}, 1
        for near, mask in self._ring[cell]:
            if unit_of[near] == unit:
                own |= bit
                touches[bit] = mask
            bit <<= 1
        reached = frontier = own & -own
        while frontier:
            low = frontier & -frontier
            new = touches[low] & own & ~reached
            reached |= new
            frontier = (frontier ^ low) | new
        return reached == own or self._may_leave_by_the_long_way(cell)

    def _may_leave_by_the_long_way(self, cell: int) -> bool:
        unit_of, unit = self.unit_of, self.unit_of[cell]
        wanted = {near for near, _ in self._near[cell] if unit_of[near] == unit}
        start = min(wanted)
        seen, todo = {cell, start}, [start]
        wanted.discard(start)
        while todo and wanted:
            for near, _ in self._near[todo.pop()]:
                if near not in seen and unit_of[near] == unit:
                    seen.add(near)
                    wanted.discard(near)
                    todo.append(near)
        return not wanted

    def move(self, cell: int, unit: int) -> None:
        """Hand a cell to another unit."""
        old = self.unit_of[cell]
        to_old = to_new = 0.0
        for near, border in self._near[cell]:
            if self.unit_of[near] == old:
                to_old += border
            elif self.unit_of[near] == unit:
                to_new += border
        self.unit_of[cell] = unit
        self.count[old] -= 1
        self.count[unit] += 1
        self.weights[old] -= self._weight[cell]
        self.weights[unit] += self._weight[cell]
        self.areas[old] -= self._area[cell]
        self.areas[unit] += self._area[cell]
        self.perimeters[old] += 2 * to_old - self._perimeter[cell]
        self.perimeters[unit] += self._perimeter[cell] - 2 * to_new

    def anneal(
        self, moves: int, balance: float, rng: np.random.Generator, *, hot: float = 0.1, cold: float = 0.0005
    ) -> None:
        """Hand cells along borders from unit to unit, ever more choosy.

        Parameters
        ----------
        moves : int
            Neighbours looked at.
        balance : float
            What a unit's squared deviation (1 is the mean weight) costs, in units of compactness lost.
        hot, cold : float
            The temperature at the start and the end.
        """
        mean = sum(self.weights) / self.units
        if self.units < 2 or not len(self.land.first):
            return
        pair = rng.integers(0, 2 * len(self.land.first), moves).tolist()
        luck = (-np.log1p(-rng.random(moves)) * hot * (cold / hot) ** np.linspace(0, 1, moves)).tolist()
        givers = np.concatenate([self.land.first, self.land.second]).tolist()
        takers = np.concatenate([self.land.second, self.land.first]).tolist()
        unit_of, weights, areas, perimeters = self.unit_of, self.weights, self.areas, self.perimeters
        weight_of, area_of, perimeter_of, near_of = self._weight, self._area, self._perimeter, self._near
        scale = balance / mean**2 if mean > 0 else 0.0
        for at, allowed in zip(pair, luck, strict=True):
            cell = givers[at]
            old, new = unit_of[cell], unit_of[takers[at]]
            if old == new or self.count[old] < 2:
                continue
            w = weight_of[cell]
            more = scale * 2 * w * (weights[new] - weights[old] + w)
            if more > allowed + 2.0:
                continue
            to_old = to_new = 0.0
            for near, border in near_of[cell]:
                unit = unit_of[near]
                if unit == old:
                    to_old += border
                elif unit == new:
                    to_new += border
            p_old, p_new = perimeters[old], perimeters[new]
            a_old, a_new = areas[old], areas[new]
            q_old = p_old + 2 * to_old - perimeter_of[cell]
            q_new = p_new + perimeter_of[cell] - 2 * to_new
            b_old, b_new = a_old - area_of[cell], a_new + area_of[cell]
            more += shape_cost(b_old, q_old) + shape_cost(b_new, q_new)
            more -= shape_cost(a_old, p_old) + shape_cost(a_new, p_new)
            if more > allowed or not self.may_leave(cell):
                continue
            unit_of[cell] = new
            self.count[old] -= 1
            self.count[new] += 1
            weights[old] -= w
            weights[new] += w
            areas[old], areas[new] = b_old, b_new
            perimeters[old], perimeters[new] = q_old, q_new


def shape_cost(area: float, perimeter: float) -> float:
    """What a shape costs: a tenth of the reciprocal of Polsby-Popper, so that the worst unit weighs most."""
    return _SHAPE_SHARE * perimeter * perimeter / (_FOUR_PI * area)


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
    """Units as the cells nearest to each unit's centre (Lloyd 1982): compact, not balanced, not yet contiguous."""
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


def partitions(
    land: Land, units: int, *, balances: Sequence[float], starts: int, moves: int, seed: int
) -> list[list[Ints]]:
    """Search: for each balance asked, several partitions from different starts.

    Returns
    -------
    list of lists of ndarrays of n integers
        The unit of each cell, one for each balance and start.
    """
    rng = np.random.default_rng(seed)
    if units == 1:
        return [[np.zeros(len(land), dtype=np.int64)] * starts for _ in balances]
    begun = []
    for start in range(starts):
        unit_of = bisected(land, units, 0.0 if start == 0 else float(rng.uniform(-0.6, 0.6)))
        begun.append(contiguous(land, rounded(land, unit_of, units) if start % 2 else unit_of, units))
    found: list[list[Ints]] = []
    for balance in balances:
        found.append([])
        for unit_of in begun:
            partition = Partition(land, unit_of, units)
            partition.anneal(moves, balance, rng)
            found[-1].append(np.array(partition.unit_of, dtype=np.int64))
    return found
