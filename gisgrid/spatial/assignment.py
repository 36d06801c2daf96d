"""Which grid each source lies in, and which sources lie in none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.frames import GridFrame, SourceFrame
from gisgrid.spatial.measure import Floats, Geometries
from gisgrid.spatial.nearness import Neighbourhood, representative_lonlat
from gisgrid.spatial.outlines import Outlines

Ints = NDArray[np.int64]
Progress = Callable[[float], None]
Placed: TypeAlias = SourceFrame | gpd.GeoSeries

_THREADS: Final = 2
"""GEOS lets go of the interpreter's lock, so that two processors test points at once."""

_CANDIDATES_AT_A_TIME: Final = 200_000
_POINTS_AT_A_TIME: Final = 2_000

_AS_NEAR_M: Final = 1e-3
"""Distances that differ by less count as equal."""

_NOWHERE: Final = -1
"""In place of a grid's id."""


def assign(sources: Placed, grids: GridFrame, *, progress: Progress | None = None) -> pd.DataFrame:
    """Find the grid that contains each source, at every level.

    A source on a shared edge, or in an overlap, belongs to the grid with the
    smaller id, so that the answer does not depend on row order. A line or a
    polygon is where its representative point is.

    Parameters
    ----------
    sources : SourceFrame or GeoSeries
        n points, lines or polygons, EPSG:4490.
    grids : GridFrame
        m polygons of one plan, EPSG:4490. A grid need not be divided further.
    progress : callable, optional
        Told the share done in 0..1.

    Returns
    -------
    DataFrame
        Indexed like `sources`, one Int64 column a level, named by its number,
        coarse to fine; <NA> where no grid of that level contains the source.

    Notes
    -----
    Points are sorted into bands of latitude; each polygon is tested, prepared,
    against the slices of the bands that its bounding box meets. About 1 s a level
    for 3.58 million points on two processors.
    """
    levels = [int(level) for level in np.sort(grids["level"].unique())]
    lon, lat = representative_lonlat(sources.geometry.to_numpy())
    region = (
        np.array([0.0, 0.0, 0.0, 0.0]) if grids.empty else shapely.total_bounds(grids.geometry.to_numpy())
    )
    bands = _Bands.of(lon, lat, region)
    level_of, ids = grids["level"].to_numpy(), grids.index.to_numpy(dtype=np.int64)
    polygons: Geometries = grids.geometry.to_numpy()
    ascending = np.argsort(ids)
    columns = {}
    for done, level in enumerate(levels):
        if progress is not None:
            progress(done / len(levels))
        these = ascending[level_of[ascending] == level]
        rank = np.full(len(sources), len(these))
        rank[bands.row] = bands.first_containing(polygons[these])
        columns[level] = pd.arrays.IntegerArray(np.append(ids[these], 0)[rank], rank == len(these))
    return pd.DataFrame(columns, index=sources.index, columns=pd.Index(levels, dtype="int64"))


@dataclass(frozen=True)
class _Bands:
    """n points in bands of latitude, each band sorted by longitude."""

    lon: Floats
    lat: Floats
    row: Ints  # where the points were before they were sorted
    key: Floats  # band * width + longitude
    west: float
    south: float
    width: float
    height: float
    count: int

    @classmethod
    def of(cls, lon: Floats, lat: Floats, region: Floats) -> _Bands:
        """Points outside the region (or nowhere at all) are left out: no grid contains them."""
        west, south, east, north = region
        row = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        count = int(np.clip(np.sqrt(len(row)) / 2, 1, 4096))
        frame = float(west), float(south), float(east - west) + 1.0, float(north - south) / count, count
        unsorted = cls(lon[row], lat[row], row, lon[:0], *frame)
        key = unsorted._keys(unsorted._bands(lat[row]), lon[row])
        order = np.argsort(key)
        return cls(lon[row][order], lat[row][order], row[order], key[order], *frame)

    def _bands(self, lat: Floats) -> Ints:
        if not self.height > 0:
            return np.zeros(len(lat), dtype=np.int64)
        return np.clip((lat - self.south) / self.height, 0, self.count - 1).astype(np.int64)

    def _keys(self, band: Ints, lon: Floats) -> Floats:
        return np.asarray(band * self.width + (lon - self.west))

    def first_containing(self, polygons: Geometries) -> Ints:
        """For each point the number of the first polygon that covers it, else their count."""
        first = np.full(len(self.row), len(polygons))
        boxes = shapely.bounds(polygons)
        blocks = list(self._slices(boxes))
        if len(blocks) < 2:  # a pool takes longer to start
            found = [self._hits(polygons, boxes, *block) for block in blocks]
        else:
            with ThreadPoolExecutor(_THREADS) as pool:
                found = list(pool.map(lambda block: self._hits(polygons, boxes, *block), blocks))
        for point, polygon in found:
            np.minimum.at(first, point, polygon)
        return first

    def _slices(self, boxes: Floats) -> Iterator[tuple[Ints, Ints, Ints]]:
        """(polygon, start, stop) of the runs of points to test, whole polygons at a time."""
        polygons = np.flatnonzero(np.isfinite(boxes[:, 0]))
        low, high = self._bands(boxes[polygons, 1]), self._bands(boxes[polygons, 3])
        runs = high - low + 1
        polygon = np.repeat(polygons, runs)
        band = np.repeat(low, runs) + _counting(runs)
        slack = 1e-6  # of a key, which is rounded; the true test follows
        start = np.searchsorted(self.key, self._keys(band, boxes[polygon, 0]) - slack)
        stop = np.searchsorted(self.key, self._keys(band, boxes[polygon, 2]) + slack)
        keep = stop > start
        polygon, start, stop = polygon[keep], start[keep], stop[keep]
        if not len(polygon):
            return
        new = np.flatnonzero(np.r_[True, polygon[1:] != polygon[:-1]])
        before = np.cumsum(stop - start) - (stop - start)
        block = before[new] // _CANDIDATES_AT_A_TIME
        cuts = new[np.flatnonzero(np.diff(block)) + 1]
        yield from zip(np.split(polygon, cuts), np.split(start, cuts), np.split(stop, cuts), strict=True)

    def _hits(
        self, polygons: Geometries, boxes: Floats, polygon: Ints, start: Ints, stop: Ints
    ) -> tuple[Ints, Ints]:
        """The (point, polygon) pairs where the polygon covers the point."""
        points = np.repeat(start, stop - start) + _counting(stop - start)
        owner = np.repeat(polygon, stop - start)
        lat = self.lat[points]
        inside_box = (lat >= boxes[owner, 1]) & (lat <= boxes[owner, 3])
        points, owner = points[inside_box], owner[inside_box]
        tested = polygons[owner[np.r_[True, owner[1:] != owner[:-1]]]] if len(owner) else polygons[:0]
        tested = tested[~shapely.is_prepared(tested)]
        shapely.prepare(tested)
        covered = shapely.intersects_xy(polygons[owner], self.lon[points], self.lat[points])
        shapely.destroy_prepared(tested)
        return points[covered], owner[covered]


def _counting(runs: Ints) -> Ints:
    """0, 1, … for each run."""
    return np.asarray(np.arange(runs.sum()) - np.repeat(np.cumsum(runs) - runs, runs))


def uncovered(
    sources: Placed, grids: GridFrame, assigned: pd.DataFrame, *, progress: Progress | None = None
) -> pd.DataFrame:
    """Find the sources that nobody at some level is responsible for.

    A source is uncovered when it lies outside the coarsest level, or in a grid
    that has children but in no grid of the children's level. An undivided grid
    covers its sources, and so does another grid's child that lies on its land.

    Parameters
    ----------
    sources, grids
        As in `assign`.
    assigned : DataFrame
        What `assign` made of them.
    progress : callable, optional
        Told the share done in 0..1.

    Returns
    -------
    DataFrame
        Indexed by source: `reason` ("outside" the coarsest level, or in a "gap"),
        `level` (Int64, the first that misses it), `nearest` (Int64 grid id) and
        `distance_m` to it, on the ellipsoid. The nearest is one of the children of
        the grid that contains the source; for a source outside, one of the
        undivided grids. Of several equally near (to 1 mm) the one with the smallest id.
    """
    missed_at, inside = _misses(grids, assigned)
    out = np.flatnonzero(missed_at)
    if not len(out):
        return _none_uncovered().set_axis(assigned.index[:0])
    lonlat = np.stack(representative_lonlat(sources.geometry.to_numpy()[out]), axis=-1)
    points: Geometries = np.asarray(shapely.points(lonlat), dtype=object)
    located: NDArray[np.bool_] = np.asarray(np.isfinite(lonlat).all(axis=1))
    nearest: Ints = np.zeros(len(out), dtype=np.int64)
    distance_m = np.full(len(out), np.nan)
    asked, group, count = np.unique(
        np.stack([missed_at[out], inside[out]], axis=-1), axis=0, return_inverse=True, return_counts=True
    )
    rows = np.split(np.argsort(group.reshape(-1), kind="stable"), np.cumsum(count)[:-1])
    choices = _Choices(grids)
    for done, (level, holder) in enumerate(asked):
        if progress is not None:
            progress(done / len(asked))
        here = rows[done][located[rows[done]]]
        choice = choices.of(level, holder)
        which, distance_m[here] = _nearest(points[here], choices.polygons[choice])
        nearest[here] = choices.ids[choice][which]
    return _uncovered(assigned.index[out], missed_at[out], inside[out], nearest, distance_m, located)


@cache
def _none_uncovered() -> pd.DataFrame:
    none = np.zeros(0, dtype=np.int64)
    return _uncovered(pd.Index(none), none, none, none, none.astype(np.float64), none.astype(bool))


def _uncovered(
    index: pd.Index, level: Ints, inside: Ints, nearest: Ints, distance_m: Floats, located: NDArray[np.bool_]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "reason": np.where(inside == _NOWHERE, "outside", "gap"),
            "level": pd.arrays.IntegerArray(level, np.zeros(len(level), dtype=bool)),
            "nearest": pd.arrays.IntegerArray(nearest, ~located),
            "distance_m": distance_m,
        },
        index=index,
    )


class _Choices:
    """The grids that might have covered a source, as positions among all, by ascending id."""

    def __init__(self, grids: GridFrame) -> None:
        self.ids = grids.index.to_numpy(dtype=np.int64)
        self.polygons: Geometries = grids.geometry.to_numpy()
        self._level = grids["level"].to_numpy()
        parent = grids["parent"].to_numpy(dtype=np.int64, na_value=_NOWHERE)
        self._order = np.lexsort((self.ids, parent))
        self._parent = parent[self._order]
        undivided = np.flatnonzero(~np.isin(self.ids, parent))
        self._undivided = undivided[np.argsort(self.ids[undivided])]

    def of(self, level: int, inside: int) -> Ints:
        """Those of a level in a grid; outside every grid, the undivided ones."""
        if inside == _NOWHERE:
            return self._undivided
        children = self._order[slice(*np.searchsorted(self._parent, [inside, inside + 1]))]
        return np.asarray(children[self._level[children] == level])


def _misses(grids: GridFrame, assigned: pd.DataFrame) -> tuple[Ints, Ints]:
    """For each source the first level that misses it, or 0, and the grid that it is inside, if any."""
    levels = [int(level) for level in assigned.columns]
    own = {level: assigned[level].to_numpy(dtype=np.int64, na_value=_NOWHERE) for level in levels}
    missed_at = np.zeros(len(assigned), dtype=np.int64)
    inside = np.full(len(assigned), _NOWHERE)
    if levels:
        missed_at[own[levels[0]] == _NOWHERE] = levels[0]
    divided, finer, coarser = _divisions(grids)
    for coarse in levels:
        here = coarser == coarse
        lands = np.flatnonzero((missed_at == 0) & np.isin(own[coarse], divided[here]))
        holder = own[coarse][lands]
        covered = np.zeros(len(lands), dtype=bool)
        first = np.zeros(len(lands), dtype=np.int64)
        for fine in np.unique(finer[here]):
            asked = np.isin(holder, divided[here & (finer == fine)])
            covered |= asked & (own[fine][lands] != _NOWHERE)
            first[asked & (first == 0)] = fine
        missed_at[lands[~covered]] = first[~covered]
        inside[lands[~covered]] = holder[~covered]
    return missed_at, inside


def _divisions(grids: GridFrame) -> tuple[Ints, Ints, Ints]:
    """Which grids have children, once for each level that these are of, that level, and their own."""
    parent = grids["parent"].to_numpy(dtype=np.int64, na_value=_NOWHERE)
    level = grids["level"].to_numpy(dtype=np.int64)
    pairs = np.unique(np.stack([parent, level], axis=-1)[parent != _NOWHERE], axis=0)
    at = grids.index.get_indexer(pairs[:, 0])
    pairs, at = pairs[at >= 0], at[at >= 0]
    return pairs[:, 0], pairs[:, 1], level[at]


def _nearest(points: Geometries, grids: Geometries) -> tuple[Ints, Floats]:
    """The number of the nearest grid for each point (the first of several), and its distance in metres."""
    rough = shapely.STRtree(grids).nearest(points)
    neighbourhood = Neighbourhood(grids)
    near, number = np.unique(rough, return_inverse=True)  # outlines are taken apart only where they matter
    limit_m = Outlines(grids[near]).bound_m(points, number)
    which = np.zeros(len(points), dtype=np.int64)
    distance_m = np.zeros(len(points))
    for block in np.array_split(np.arange(len(points)), len(points) // _POINTS_AT_A_TIME + 1):
        if not len(block):
            continue
        point, grid = neighbourhood.within(shapely.bounds(points[block]), limit_m[block])
        order = np.argsort(point, kind="stable")
        point, grid = point[order], grid[order]
        near, number = np.unique(grid, return_inverse=True)
        apart_m = Outlines(grids[near]).distance_m(points[block][point], number, contest=point)
        least_m = np.full(len(block), np.inf)
        np.minimum.at(least_m, point, apart_m)
        first = np.full(len(block), len(grids))
        as_near = apart_m <= least_m[point] + _AS_NEAR_M
        np.minimum.at(first, point[as_near], grid[as_near])
        which[block], distance_m[block] = first, least_m
    return which, distance_m
