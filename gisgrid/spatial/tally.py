"""Receptors counted around sources: partial results and their sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gisgrid.spatial.measure import Floats

Ints = NDArray[np.int64]

AS_NEAR_M: Final = 1e-4
"""Distances that differ by less count as equal: then the smaller receptor id is the nearest."""


@dataclass(frozen=True)
class Tally:
    """For m pairs of a source and a kind of receptor: how many in each ring, and the nearest.

    `source` and `receptor` are row numbers, `rank` the receptor's place in the
    order of ids, `count` has shape (m, rings).
    """

    source: Ints
    kind: Ints
    count: Ints
    receptor: Ints
    rank: Ints
    distance_m: Floats
    bearing_deg: Floats

    def take(self, rows: Ints | NDArray[np.bool_]) -> Tally:
        """The pairs that a mask or an index picks."""
        return Tally(*(getattr(self, each.name)[rows] for each in fields(self)))


def tally_pairs(
    source: Ints,
    receptor: Ints,
    kind: Ints,
    rank: Ints,
    distance_m: Floats,
    bearing_deg: Floats,
    rings_m: Floats,
) -> Tally:
    """Sum up single pairs of a source and a receptor, each listed once; those beyond the rings drop out."""
    count = (distance_m[:, None] <= rings_m).astype(np.int64)
    pairs = Tally(source, kind, count, receptor, rank, distance_m, bearing_deg)
    return merged([pairs.take(count[:, -1] > 0)], len(rings_m))


def merged(parts: Iterable[Tally], rings: int) -> Tally:
    """One row for each source and kind, in their order: counts are summed, and the nearest of all wins."""
    none, nowhere = np.zeros(0, dtype=np.int64), np.zeros(0)
    empty = Tally(none, none, np.zeros((0, rings), dtype=np.int64), none, none, nowhere, nowhere)
    every = [empty, *parts]
    joined = Tally(*(np.concatenate([getattr(part, each.name) for part in every]) for each in fields(Tally)))
    found = joined.take(np.lexsort((joined.rank, joined.kind, joined.source)))
    if not len(found.source):
        return found
    new = np.r_[True, (np.diff(found.source) != 0) | (np.diff(found.kind) != 0)]
    start = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    least_m = np.minimum.reduceat(found.distance_m, start)
    as_near = np.flatnonzero(found.distance_m <= least_m[group] + AS_NEAR_M)
    smallest_rank = as_near[np.unique(group[as_near], return_index=True)[1]]
    nearest = found.take(smallest_rank)
    return Tally(
        nearest.source,
        nearest.kind,
        np.add.reduceat(found.count, start, axis=0),
        nearest.receptor,
        nearest.rank,
        nearest.distance_m,
        nearest.bearing_deg,
    )
