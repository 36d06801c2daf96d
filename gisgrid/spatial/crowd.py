"""Points around points: how many within a distance, and which is nearest.

Earth-centred coordinates put points into a tree of straight lines (chords), where
there is no antimeridian, no pole and no projection. The chord of a given geodesic
length varies by a micrometre at 5 km with place and direction; only pairs inside
that band need pyproj.Geod.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gisgrid.spatial.measure import GEOD, Floats, chord_bounds_m, compass_deg, ecef
from gisgrid.spatial.tally import AS_NEAR_M, Tally, tally_pairs

Ints = NDArray[np.int64]

_SOURCES_AT_A_TIME: Final = 400_000
_PAIRS_AT_A_TIME: Final = 2_000_000


class Crowd:
    """Points (n sources or m receptors) with their places in a tree.

    Parameters
    ----------
    row : ndarray of n integers
        What the points are called in the answers.
    lon, lat : ndarray of n floats
        Degrees.
    """

    def __init__(self, row: Ints, lon: Floats, lat: Floats) -> None:
        # Neighbours one after the other meet the same nodes of a tree: three times as fast.
        nearby = np.lexsort((lon, np.floor(lat / 0.05)))
        self.row, self.lon, self.lat = row[nearby], lon[nearby], lat[nearby]
        self.at = ecef(self.lon, self.lat)

    def __len__(self) -> int:
        return len(self.row)


def tally_points(
    sources: Crowd, receptors: Crowd, kind: Ints, rank: Ints, rings_m: Floats
) -> Iterator[tuple[Tally, float]]:
    """Count the receptor points around source points, kind by kind.

    Parameters
    ----------
    sources, receptors : Crowd
    kind, rank : ndarray of integers
        By the receptors' row.
    rings_m : ndarray of floats
        Ascending.

    Yields
    ------
    (Tally, float)
        Parts that share no source and kind, and the share done.
    """
    if not len(sources) or not len(receptors):
        return
    own_kind = kind[receptors.row]
    groups = np.split(
        order := np.argsort(own_kind, kind="stable"), np.flatnonzero(np.diff(own_kind[order])) + 1
    )
    if len(groups) > 1:
        tree = cKDTree(sources.at)
        pairs = tree.query_ball_point(
            receptors.at, chord_bounds_m(rings_m[-1])[1], return_length=True, workers=-1
        )
        # Listing the pairs of a rare kind costs less than asking every source about it.
        rare = [group for group in groups if pairs[group].sum() < len(sources) / 4]
        groups = [group for group in groups if pairs[group].sum() >= len(sources) / 4]
        yield from _list_pairs(sources, tree, receptors, rare, pairs, (kind, rank, rings_m))
    for done, group in enumerate(groups):
        members = _Members(receptors, group, rank[receptors.row[group]])
        for begin in range(0, len(sources), _SOURCES_AT_A_TIME):
            some = np.arange(begin, min(begin + _SOURCES_AT_A_TIME, len(sources)))
            share = (done + (some[-1] + 1) / len(sources)) / len(groups)
            yield members.around(sources, some, int(own_kind[group[0]]), rings_m), share


def _list_pairs(
    sources: Crowd,
    tree: cKDTree,
    receptors: Crowd,
    groups: list[Ints],
    pairs: Ints,
    asked: tuple[Ints, Ints, Floats],
) -> Iterator[tuple[Tally, float]]:
    kind, rank, rings_m = asked
    before = 0
    batch: list[Ints] = []
    for last, group in enumerate(groups, start=1):
        batch.append(group)
        before += int(pairs[group].sum())
        if before < _PAIRS_AT_A_TIME and last < len(groups):
            continue
        some = np.concatenate(batch)
        lists = tree.query_ball_point(receptors.at[some], chord_bounds_m(rings_m[-1])[1], workers=-1)
        source = np.concatenate([np.asarray(each, dtype=np.int64) for each in lists])
        receptor = np.repeat(some, [len(each) for each in lists])
        distance_m, bearing_deg = _geodesics(sources, source, receptors, receptor)
        row = receptors.row[receptor]
        yield (
            tally_pairs(sources.row[source], row, kind[row], rank[row], distance_m, bearing_deg, rings_m),
            0.0,
        )
        batch, before = [], 0


def _geodesics(sources: Crowd, source: Ints, receptors: Crowd, receptor: Ints) -> tuple[Floats, Floats]:
    azimuth, _, length = GEOD.inv(
        sources.lon[source], sources.lat[source], receptors.lon[receptor], receptors.lat[receptor]
    )
    distance_m = np.asarray(length)
    return distance_m, np.where(distance_m > 0, compass_deg(np.asarray(azimuth)), np.nan)


class _Members:
    """The receptor points of one kind."""

    def __init__(self, receptors: Crowd, members: Ints, rank: Ints) -> None:
        self._receptors = receptors
        by_rank = np.argsort(rank, kind="stable")
        self._member, self._rank = members[by_rank], rank[by_rank]
        self._at = receptors.at[self._member]
        self._tree = cKDTree(self._at)
        # A second tree without repetitions: among a thousand receptors on one spot, the first stands for all.
        lonlat = receptors.lon[self._member] + 1j * receptors.lat[self._member]
        spots = np.sort(np.unique(lonlat, return_index=True)[1])
        self._spot = spots
        self._spots = self._tree if len(spots) == len(self._at) else cKDTree(self._at[spots])

    def around(self, sources: Crowd, some: Ints, kind: int, rings_m: Floats) -> Tally:
        """The tally of some of the sources."""
        near, member = self._nearest(sources.at[some], chord_bounds_m(rings_m[-1])[1])
        source, receptor = some[near], self._member[member]
        distance_m, bearing_deg = _geodesics(sources, source, self._receptors, receptor)
        count = np.stack([self._count(sources, source, ring) for ring in rings_m], axis=-1)
        found = Tally(
            sources.row[source],
            np.full(len(source), kind),
            count,
            self._receptors.row[receptor],
            self._rank[member],
            distance_m,
            bearing_deg,
        )
        return found.take(count[:, -1] > 0)

    def _nearest(self, at: Floats, farthest: float) -> tuple[Ints, Ints]:
        """(place, member): the places with a member in reach, and the nearest to each."""
        chord, spot = self._spots.query(at, k=2, distance_upper_bound=farthest, workers=-1)
        near = np.flatnonzero(np.isfinite(chord[:, 0]))
        member = self._spot[spot[near, 0]]
        tied = np.flatnonzero(chord[near, 1] <= chord[near, 0] + AS_NEAR_M)
        rivals = self._spots.query_ball_point(at[near[tied]], chord[near[tied], 0] + AS_NEAR_M, workers=-1)
        member[tied] = [self._spot[min(each)] for each in rivals]  # spots are in the order of rank
        return near, member

    def _count(self, sources: Crowd, source: Ints, ring_m: float) -> Ints:
        low, high = chord_bounds_m(ring_m)
        surely, possibly = (
            self._tree.query_ball_point(sources.at[source], chord, return_length=True, workers=-1)
            for chord in (low, high)
        )
        for row in np.flatnonzero(surely != possibly):
            others = self._member[self._tree.query_ball_point(sources.at[source[row]], high)]
            distance_m, _ = _geodesics(sources, np.full(len(others), source[row]), self._receptors, others)
            surely[row] = np.count_nonzero(distance_m <= ring_m)
        return np.asarray(surely, dtype=np.int64)
