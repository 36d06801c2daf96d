"""How well sources are located: garbage, stacks, repeated ids, places that contradict the register.

Nothing is mended here; what is doubtful is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gisgrid.codes import canonical, significant_prefix
from gisgrid.frames import GridFrame, SourceFrame
from gisgrid.spatial.measure import Floats, Geometries, ecef
from gisgrid.spatial.nearness import representative_lonlat
from gisgrid.spatial.outlines import Outlines
from gisgrid.text import Text

Ints = NDArray[np.int64]

STACK_RADIUS_M: Final = 1.0
STACK_SOURCES: Final = 5
"""So many different sources so near each other are a centroid or an office address, not so many plants."""

_OUTSIDE_M: Final = 1e-3
"""A point nearer than this to the grid that it states is on its edge."""

_PAIRS_AT_A_TIME: Final = 2_000_000
_NO_GRID: Final = np.iinfo(np.int64).min

_COUNTY_DIGITS: Final = 6
_DIVISION_DIGITS: Final = (12, 9, 6, 4, 2)
"""Village, township, county, city, province (GB/T 2260, GB/T 10114), finest first."""

NOT_A_NUMBER: Final = Text(zh="坐标缺失或不是有限数值", en="A coordinate is missing or not a finite number")
NO_DEGREES: Final = Text(zh="超出经纬度范围", en="Outside the range of longitude and latitude")
PLACEHOLDER: Final = Text(zh="占位坐标，不是真实位置", en="A placeholder, not a position")
SAME_NUMBER: Final = Text(zh="经度与纬度为同一数值", en="Longitude and latitude are the same number")


def garbage(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.object_]:
    """Tell positions that cannot be real.

    Garbage is what no careful register holds: a coordinate that is no number or
    no degree; 0/0, a pole, and whole numbers that are equal (1/1, 9/9); and equal
    numbers with more than three decimals, where chance is no excuse. Whole
    degrees as such are doubtful, but possible, and pass; so does a single 0.

    Parameters
    ----------
    lon, lat : array of n floats
        Degrees, after conversion.

    Returns
    -------
    ndarray of n Text or None
        The reason, None for a position that may be real.

    Examples
    --------
    >>> [reason is None for reason in garbage([122.07, 0, 400, 41.1234], [41.12, 0, 41, 41.1234])]
    [True, False, False, False]
    """
    x, y = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (lon, lat))
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(x) & np.isfinite(y)
        equal = x == y
        checks = (
            (~finite, NOT_A_NUMBER),
            ((np.abs(x) > 180) | (np.abs(y) > 90), NO_DEGREES),
            ((equal & (x == np.round(x))) | (np.abs(y) == 90), PLACEHOLDER),
            (equal & (np.abs(x - np.round(x, 3)) > 1e-9), SAME_NUMBER),
        )
    reasons: NDArray[np.object_] = np.full(len(x), None, dtype=object)
    for holds, reason in reversed(checks):
        for row in np.flatnonzero(holds):
            reasons[row] = reason
    return reasons


def stacks(sources: SourceFrame) -> gpd.GeoDataFrame:
    """Find spots where five or more different sources lie within a metre.

    Sources are different if their ids are; every source without an id is one of
    its own. Stacks that touch, a metre apart, are one.

    Parameters
    ----------
    sources : SourceFrame
        n sources; only points can stack.

    Returns
    -------
    GeoDataFrame
        One row a stack, the largest first: `count` (different sources), `sources`
        (tuple of all their index values, ascending), `geometry` (where the first of them is).
    """
    geometry = sources.geometry.to_numpy()
    rows = np.flatnonzero((shapely.get_type_id(geometry) == 0) & ~shapely.is_empty(geometry))
    spots = _Spots.of(shapely.get_coordinates(geometry[rows]))
    crowded = np.flatnonzero(spots.crowded[spots.spot_of])
    crowded = crowded[np.argsort(sources.index.to_numpy()[rows[crowded]], kind="stable")]
    rows, spot_of = rows[crowded], spots.spot_of[crowded]
    identity = _identities(sources["id"].iloc[rows])
    pile = _piles(spots, spot_of, identity)[spot_of]
    members = pd.DataFrame(
        {"pile": pile, "identity": identity, "row": rows, "source": sources.index.to_numpy()[rows]}
    )
    grouped = members[members["pile"] >= 0].groupby("pile", sort=True)
    tuples = {pile: tuple(map(int, each)) for pile, each in grouped["source"]}
    found = pd.DataFrame(
        {
            "count": grouped["identity"].nunique().astype("int64"),
            "sources": pd.Series(tuples, dtype=object),
            "row": grouped["row"].first(),
        }
    ).sort_values("count", ascending=False, kind="stable")
    at = gpd.GeoSeries(geometry[found["row"].to_numpy(dtype=np.int64)], crs=sources.crs)
    return gpd.GeoDataFrame(found[["count", "sources"]].reset_index(drop=True), geometry=at)


def _identities(ids: pd.Series) -> Ints:
    """A number for each source, the same where ids are."""
    number = np.asarray(pd.factorize(_cleaned(ids))[0], dtype=np.int64)
    alone = np.flatnonzero(number < 0)
    number[alone] = number.max(initial=-1) + 1 + np.arange(len(alone))
    return number


def _cleaned(texts: pd.Series) -> pd.Series:
    stripped = texts.astype("str").str.strip()
    return stripped.where(stripped.ne("") & texts.notna())


@dataclass(frozen=True)
class _Spots:
    """The different positions of n points."""

    spot_of: Ints  # of each point
    tree: cKDTree  # earth-centred
    company: Ints  # spots within a metre of each, itself included
    crowded: NDArray[np.bool_]  # whether enough points may be within a metre to make a stack

    @classmethod
    def of(cls, lonlat: Floats) -> _Spots:
        unique, spot_of, points = np.unique(
            lonlat[:, 0] + 1j * lonlat[:, 1], return_inverse=True, return_counts=True
        )
        tree = cKDTree(ecef(unique.real, unique.imag))
        company = tree.query_ball_point(tree.data, STACK_RADIUS_M, return_length=True, workers=-1)
        return cls(spot_of, tree, company, (company > 1) | (points >= STACK_SOURCES))

    def neighbours(self) -> Iterator[tuple[Ints, Ints]]:
        """(crowded spot, spot within a metre of it) pairs, some spots at a time."""
        asked = np.flatnonzero(self.crowded)
        block = np.cumsum(self.company[asked]) // _PAIRS_AT_A_TIME
        for some in np.split(asked, np.flatnonzero(np.diff(block)) + 1):
            if len(some):
                lists = self.tree.query_ball_point(self.tree.data[some], STACK_RADIUS_M, workers=-1)
                lengths = [len(each) for each in lists]
                yield np.repeat(some, lengths), np.concatenate([np.asarray(each) for each in lists])


def _piles(spots: _Spots, spot_of: Ints, identity: Ints) -> Ints:
    """For each spot the number of the stack that it belongs to, else -1; from its sources' identities."""
    total = len(spots.company)
    own = pd.DataFrame({"spot": spot_of, "identity": identity}).drop_duplicates()
    is_core = np.zeros(total, dtype=bool)
    links: list[NDArray[np.int64]] = [np.zeros((0, 2), dtype=np.int64)]
    for centre, near in spots.neighbours():
        links.append(np.stack([centre, near], axis=-1))
        around = pd.DataFrame({"spot": near, "centre": centre}).merge(own, on="spot")
        different = around.groupby("centre")["identity"].nunique()
        is_core[different.index[different >= STACK_SOURCES]] = True
    if not is_core.any():
        return np.full(total, -1)
    link = np.concatenate(links)
    graph = coo_array((np.ones(len(link), dtype=np.int8), link.T), shape=(total, total))
    component = connected_components(graph, directed=False)[1]
    return np.where(np.isin(component, component[is_core]), component, -1)


def duplicate_ids(sources: SourceFrame) -> pd.DataFrame:
    """List the sources that share their id with another; an enterprise may rightly have several sites.

    Returns
    -------
    DataFrame
        Indexed by source, in the order of ids: `id`. Empty ids are shared by none.
    """
    ids = _cleaned(sources["id"])
    repeated = ids[ids.notna() & ids.duplicated(keep=False)]
    return repeated.sort_values(kind="stable").to_frame("id")


def stated_grids(sources: gpd.GeoDataFrame, grids: GridFrame) -> pd.Series:
    """Find the grid that each source's own row names.

    The code decides where it names a grid, else the name. Codes are compared
    without the zeros that fill them up; a code finer than the grids (a village's,
    among counties) names the finest grid that it lies under.

    Parameters
    ----------
    sources : GeoDataFrame
        n rows with `stated_code` and `stated_name`.
    grids : GridFrame

    Returns
    -------
    Series of Int64
        Indexed like `sources`: grid ids; <NA> where the row states none, an
        unknown one, or one of several of the same name.
    """
    row, grid = _stated(sources, grids)
    alone = ~pd.Series(row).duplicated(keep=False).to_numpy()
    stated = np.zeros(len(sources), dtype=np.int64)
    stated[row[alone]] = grids.index.to_numpy()[grid[alone]]
    unknown = np.ones(len(sources), dtype=bool)
    unknown[row[alone]] = False
    return pd.Series(pd.arrays.IntegerArray(stated, unknown), index=sources.index)


def _stated(sources: gpd.GeoDataFrame, grids: GridFrame) -> tuple[Ints, Ints]:
    """(row of a source, row of a grid that it may mean) pairs."""
    row, grid = _meant(sources["stated_code"], grids["code"], _code_keys, _grid_code_keys)
    settled = np.zeros(len(sources), dtype=bool)
    settled[row] = True
    rest = np.flatnonzero(~settled)
    row_named, grid_named = _meant(sources["stated_name"].iloc[rest], grids["name"], _alone, _alone)
    return np.concatenate([row, rest[row_named]]), np.concatenate([grid, grid_named])


Keys = Callable[[str], tuple[str, ...]]


def _alone(name: str) -> tuple[str, ...]:
    return (name,)


def _grid_code_keys(code: str) -> tuple[str, ...]:
    """What a grid answers to: its own code and, where it is a division's, codes that begin with it."""
    prefix = significant_prefix(code)
    is_division = len(canonical(code)) >= _COUNTY_DIGITS and prefix.isdigit()
    return (prefix, f"{prefix}…") if is_division else (prefix,)


def _code_keys(code: str) -> tuple[str, ...]:
    """What a stated code may mean, first choice first: the grid itself, else the divisions above it."""
    prefix = significant_prefix(code)
    above = [prefix[:end] for end in _DIVISION_DIGITS if end < len(prefix)] if prefix.isdigit() else []
    return (prefix, *(f"{each}…" for each in above))


def _meant(stated: pd.Series, grids: pd.Series, keys_of: Keys, grid_keys_of: Keys) -> tuple[Ints, Ints]:
    """(row stated, grid row) pairs where the first of the stated keys that any grid has is the grid's."""
    grids_of: dict[str, list[int]] = {}
    for grid, text in enumerate(_cleaned(grids)):
        for key in grid_keys_of(text) if isinstance(text, str) else ():
            grids_of.setdefault(key, []).append(grid)
    number, texts = pd.factorize(_cleaned(stated))
    meant = [next((grids_of[key] for key in keys_of(text) if key in grids_of), []) for text in texts]
    length = np.array([*map(len, meant), 0], dtype=np.int64)  # the last is for number -1: nothing stated
    start = np.cumsum(length) - length
    flat = np.array([grid for each in meant for grid in each], dtype=np.int64)
    repeats = length[number]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return np.repeat(np.arange(len(stated)), repeats), flat[np.repeat(start[number], repeats) + within]


def stated_elsewhere(sources: SourceFrame, grids: GridFrame, assigned: pd.DataFrame) -> pd.DataFrame:
    """List the sources that lie outside the grid that their own row names.

    Parameters
    ----------
    sources : SourceFrame
        n sources; see `stated_grids` for how codes and names are read.
    grids : GridFrame
    assigned : DataFrame
        What `assign` made of them.

    Returns
    -------
    DataFrame
        Indexed by source: `stated` (Int64 grid id; the nearest, where several grids
        have that name and the source lies in none of them), `actual` (Int64, the
        grid of that level that contains it, <NA> where none does) and
        `distance_m` to the stated grid.
    """
    row, grid = _stated(sources, grids)
    lon, lat = representative_lonlat(sources.geometry.to_numpy())
    located = np.isfinite(lon[row]) & np.isfinite(lat[row])
    row, grid = row[located], grid[located]
    level = grids["level"].to_numpy()[grid]
    actual = np.zeros(len(row), dtype=np.int64)
    for column in assigned.columns:
        here = level == column
        actual[here] = assigned[column].array.to_numpy(dtype=np.int64, na_value=_NO_GRID)[row[here]]
    lies_there = np.zeros(len(sources), dtype=bool)
    lies_there[row[actual == grids.index.to_numpy()[grid]]] = True
    asked = ~lies_there[row]
    row, grid, actual = row[asked], grid[asked], actual[asked]
    points: Geometries = np.asarray(shapely.points(lon[row], lat[row]), dtype=object)
    named, which = np.unique(grid, return_inverse=True)
    distance_m = Outlines(grids.geometry.to_numpy()[named]).distance_m(points, which)
    order = np.lexsort((grids.index.to_numpy()[grid], distance_m, row))
    order = order[np.unique(row[order], return_index=True)[1]]
    # An overlap or a shared edge belongs to the smaller id, yet the point is in the other grid too.
    order = order[distance_m[order] > _OUTSIDE_M]
    return pd.DataFrame(
        {
            "stated": pd.array(grids.index.to_numpy()[grid[order]], dtype="Int64"),
            "actual": pd.arrays.IntegerArray(actual[order], actual[order] == _NO_GRID),
            "distance_m": distance_m[order],
        },
        index=sources.index[row[order]],
    )
