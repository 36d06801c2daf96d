"""A partition of cells into contiguous units, bettered cell by cell: annealed along borders, then mended.

A unit is a set of cells; all that is known of a cell is its weight, area, whole
perimeter and the length of the border with each neighbour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from gisgrid.spatial.edges import Floats, Ints

_FOUR_PI: Final = 4 * math.pi

_SHAPE: Final = 0.1
"""What a unit's shape costs: this times the reciprocal of Polsby-Popper, so that the worst weighs most."""
_SLOPE, _CURVE, _AWAY = 2.0, 20.0, 0.02
"""What it costs to be off the mean weight by a share beyond the tolerance: slope, and curve when squared;
and the square of any share at all, so that of two plans within the tolerance the more even wins."""

_HOT, _COLD = 0.1, 0.0005
"""Temperatures in units of that cost, at the beginning and the end."""
_LENIENT: Final = 0.05
"""Weight counts for this share of its cost at first: heavy cells must move before borders settle."""

_MENDING: Final = 2.0
"""What balance is worth in units of shape once only units off the mean are left to mend."""
_MOST_TRIED: Final = 60
_MENDINGS: Final = 20


@dataclass(frozen=True)
class Land:
    """n connected cells to be partitioned.

    `first`, `second` and `border_m` list each pair of neighbours once; a bridge
    over water is a pair with a border of 0.
    """

    weight: Floats  # 0 at least; not all 0
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

    def anneal(self, moves: int, tolerance: float, rng: np.random.Generator, *, hot: float = _HOT) -> None:
        """Hand cells along borders from unit to unit, ever more choosy (Kirkpatrick et al. 1983).

        Parameters
        ----------
        moves : int
            Neighbours looked at.
        tolerance : float
            A unit's weight may be off the mean by this share; beyond, it costs more than shape does.
        rng : Generator
        hot : float
            The temperature at the start. Below the usual, what is there is only polished.
        """
        if self.units < 2 or not len(self.land.first) or moves < 1:
            return
        land = self.land
        pair = rng.integers(0, 2 * len(land.first), moves).tolist()
        luck = (-np.log1p(-rng.random(moves)) * np.geomspace(hot, _COLD, moves)).tolist()
        pull = np.geomspace(_LENIENT if hot == _HOT else 1.0, 1.0, moves).tolist()
        givers = np.concatenate([land.first, land.second]).tolist()
        takers = np.concatenate([land.second, land.first]).tolist()
        unit_of, weights, areas, perimeters = self.unit_of, self.weights, self.areas, self.perimeters
        weight_of, area_of, perimeter_of, near_of = self._weight, self._area, self._perimeter, self._near
        mean = sum(weights) / self.units

        for at, allowed, strict in zip(pair, luck, pull, strict=True):
            cell = givers[at]
            old, new = unit_of[cell], unit_of[takers[at]]
            if old == new or self.count[old] < 2:
                continue
            w, w_old, w_new = weight_of[cell], weights[old], weights[new]
            more = 0.0
            if w > 0:
                more = _imbalance((w_old - w) / mean, tolerance) + _imbalance((w_new + w) / mean, tolerance)
                more -= _imbalance(w_old / mean, tolerance) + _imbalance(w_new / mean, tolerance)
                more *= strict
                if more > allowed + 2.0:
                    continue
            to_old = to_new = 0.0
            for near, border in near_of[cell]:
                unit = unit_of[near]
                if unit == old:
                    to_old += border
                elif unit == new:
                    to_new += border
            q_old = perimeters[old] + 2 * to_old - perimeter_of[cell]
            q_new = perimeters[new] + perimeter_of[cell] - 2 * to_new
            b_old, b_new = areas[old] - area_of[cell], areas[new] + area_of[cell]
            more += _shape_cost(b_old, q_old) + _shape_cost(b_new, q_new)
            more -= _shape_cost(areas[old], perimeters[old]) + _shape_cost(areas[new], perimeters[new])
            if more > allowed or not self.may_leave(cell):
                continue
            unit_of[cell] = new
            self.count[old] -= 1
            self.count[new] += 1
            weights[old], weights[new] = w_old - w, w_new + w
            areas[old], areas[new] = b_old, b_new
            perimeters[old], perimeters[new] = q_old, q_new

    @property
    def deviation(self) -> float:
        """max |weight - mean| / mean over the units."""
        mean = sum(self.weights) / self.units
        return float(max(abs(weight / mean - 1) for weight in self.weights))

    def mend(self, tolerance: float) -> None:
        """Let the units farthest off the mean exchange a cell or two with a neighbour, while that helps.

        Annealing moves one cell at a time, and is stuck where only two heavy ones at once would do.
        """
        mean = sum(self.weights) / self.units
        stuck: set[int] = set()
        for _ in range(_MENDINGS * self.units):
            beyond = [
                0.0 if unit in stuck else abs(weight / mean - 1) - tolerance
                for unit, weight in enumerate(self.weights)
            ]
            worst = max(range(self.units), key=beyond.__getitem__)
            if beyond[worst] <= 0:
                return
            if self._exchange(worst, mean, tolerance):
                stuck.clear()
            else:
                stuck.add(worst)

    def _exchange(self, unit: int, mean: float, tolerance: float) -> bool:
        """Do the best exchange of a unit; False if there is none that helps."""
        best: tuple[float, int, int | None, int | None] | None = None
        for gain, other, give, take in self._exchanges(unit, mean, tolerance):
            before = self._shape(unit) + self._shape(other)
            done = self._tried(unit, other, give, take)
            if done is None:
                continue
            cost = self._shape(unit) + self._shape(other) - before - _MENDING * gain
            self._take_back(done)
            if best is None or cost < best[0]:
                best = cost, other, give, take
        if best is None:
            return False
        self._tried(unit, *best[1:])
        return True

    def _exchanges(
        self, unit: int, mean: float, tolerance: float
    ) -> list[tuple[float, int, int | None, int | None]]:
        """(gain in balance, other unit, cell to give, cell to take), the best first."""
        rims: dict[int, tuple[set[int], set[int]]] = {}
        for cell in [each for each, of in enumerate(self.unit_of) if of == unit]:
            for near, _ in self._near[cell]:
                if (other := self.unit_of[near]) != unit:
                    gives, takes = rims.setdefault(other, (set(), set()))
                    gives.add(cell)
                    takes.add(near)
        found: list[tuple[float, int, int | None, int | None]] = []
        for other, (gives, takes) in rims.items():
            own, theirs = self.weights[unit], self.weights[other]
            now = _imbalance(own / mean, tolerance) + _imbalance(theirs / mean, tolerance)
            for give in (None, *sorted(gives)):
                less = 0.0 if give is None else self._weight[give]
                for take in (None, *sorted(takes)):
                    net = (0.0 if take is None else self._weight[take]) - less
                    then = _imbalance((own + net) / mean, tolerance)
                    gain = now - then - _imbalance((theirs - net) / mean, tolerance)
                    if gain > 1e-9:
                        found.append((gain, other, give, take))
        found.sort(key=lambda each: -each[0])
        return found[:_MOST_TRIED]

    def _tried(
        self, unit: int, other: int, give: int | None, take: int | None
    ) -> list[tuple[int, int]] | None:
        """Exchange two cells; what to take back, or None if a unit would fall apart either way."""
        for order in ((give, take), (take, give)):
            done: list[tuple[int, int]] = []
            for cell in order:
                if cell is None:
                    continue
                old = self.unit_of[cell]
                new = other if old == unit else unit
                touches = any(self.unit_of[near] == new for near, _ in self._near[cell])
                if not touches or not self.may_leave(cell):
                    break
                self.move(cell, new)
                done.append((cell, old))
            else:
                return done
            self._take_back(done)
        return None

    def _take_back(self, done: list[tuple[int, int]]) -> None:
        for cell, unit in reversed(done):
            self.move(cell, unit)

    def _shape(self, unit: int) -> float:
        return _shape_cost(self.areas[unit], self.perimeters[unit])


def _imbalance(share: float, tolerance: float) -> float:
    """What it costs that a unit has this share of the mean weight."""
    away = share - 1.0
    beyond = away - tolerance if away > tolerance else -tolerance - away if away < -tolerance else 0.0
    return (_SLOPE + _CURVE * beyond) * beyond + _AWAY * away * away


def _shape_cost(area: float, perimeter: float) -> float:
    return _SHAPE * perimeter * perimeter / (_FOUR_PI * area)
