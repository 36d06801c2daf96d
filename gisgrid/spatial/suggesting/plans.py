"""Several ways to divide an owner's land into unit grids, from the most even to the most compact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gisgrid.errors import InputError
from gisgrid.frames import GridFrame
from gisgrid.spatial.arrangement import DUST_DEG2
from gisgrid.spatial.edges import Floats, Geometries, Ints
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.nearness import representative_points
from gisgrid.spatial.suggesting.borders import draw_units
from gisgrid.spatial.suggesting.cell_graph import OUTSIDE, CellGraph, Plane
from gisgrid.spatial.suggesting.cells import MESH, base_cells, on_lines, weigh
from gisgrid.spatial.suggesting.compactness import polsby_popper
from gisgrid.spatial.suggesting.islands import groups_of
from gisgrid.spatial.suggesting.partition import Land
from gisgrid.spatial.suggesting.search import TOLERANCES, Effort, partitions
from gisgrid.text import Text

MOST_UNITS: Final = 60

_STEPS: Final = (0.0, 0.05, 0.1, 0.2, 0.5, np.inf)
"""Of the plans found, the most compact within each of these deviations is offered; 0: the most even."""
_CELLS_A_UNIT: Final = 40
_FEWEST_CELLS, _MOST_CELLS = 240, 800
_VILLAGES_A_UNIT: Final = 5
"""With fewer villages than this for each unit, they cannot be shared out evenly, and are cut."""


@dataclass(frozen=True)
class UnitPlan:
    """k unit grids.

    Attributes
    ----------
    geometry : ndarray of k Polygons or MultiPolygons
        EPSG:4490, a valid coverage, from west to east and north to south.
    weight, area_m2, polsby_popper : ndarray of k floats
    unit_of : ndarray of n integers
        The unit of each cell.
    """

    geometry: Geometries
    weight: Floats
    area_m2: Floats
    polsby_popper: Floats
    unit_of: Ints

    @property
    def deviation(self) -> float:
        """By which share of the mean the weight of a unit is off it, at most: max |w - mean| / mean."""
        return deviation_of(self.weight)

    @property
    def compactness(self) -> float:
        """The mean of the units' Polsby-Popper scores."""
        return float(self.polsby_popper.mean())

    @property
    def compactness_min(self) -> float:
        """The score of the least compact unit."""
        return float(self.polsby_popper.min())


@dataclass(frozen=True)
class UnitPlans:
    """Plans, the most even first, none beaten by another in deviation, compactness and its least.

    Attributes
    ----------
    cells : GeoDataFrame
        What they are put together from; see `base_cells`.
    is_by_area : bool
        There is no source, so area is shared out.
    least_deviation : float
        No plan can do better: the heaviest cell alone is off the mean by so much.
    """

    plans: tuple[UnitPlan, ...]
    cells: gpd.GeoDataFrame
    is_by_area: bool
    least_deviation: float


def deviation_of(weight: Floats) -> float:
    """max |w - mean| / mean of n weights."""
    return float(np.abs(weight / weight.mean() - 1).max())


def suggest_units(
    owner: shapely.Geometry,
    units: int,
    sources: gpd.GeoDataFrame,
    weights: pd.Series,
    *,
    villages: GridFrame | None = None,
    lines: gpd.GeoDataFrame | None = None,
    seed: int = 0,
    effort: Effort | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> UnitPlans:
    """Suggest ways to divide an owner's land into unit grids of like workload.

    Parameters
    ----------
    owner : Polygon or MultiPolygon
        EPSG:4490; its islands and holes stay what they are.
    units : int
        How many unit grids, 1 to 60.
    sources : GeoDataFrame
        EPSG:4490; those outside the owner weigh nothing.
    weights : Series of floats
        Indexed like `sources`, 0 at least.
    villages : GridFrame, optional
        Whole villages make up the units, if there are five or more for each; fewer are cut, as lines are.
    lines : GeoDataFrame, optional
        Rivers and roads, EPSG:4490, which units' borders may follow.
    seed : int
        The same seed, the same plans.
    effort : Effort, optional
        How long to search.
    is_over : callable, optional
        Asked now and then: when it says so, what was found by then is the answer.

    Returns
    -------
    UnitPlans
        Each plan's units tile the owner: they are a valid coverage, contiguous but for islands too small for
        a unit of their own, and their union is the owner's land within 1e-9 degrees.

    Raises
    ------
    InputError
        If there are more units than the land can have.
    WrongGeometry
        If the owner is not a valid polygon.
    """
    if not 1 <= units <= MOST_UNITS:
        raise _wrong_number(MOST_UNITS)
    if villages is not None and len(villages) < _VILLAGES_A_UNIT * units:
        lines = villages[["geometry"]] if lines is None else _both(villages, lines)
        villages = None
    count = min(max(_CELLS_A_UNIT * units, _FEWEST_CELLS), _MOST_CELLS)
    cells = base_cells(owner, villages=villages, lines=lines, spots=sources, count=count, seed=seed)
    weight = weigh(cells, sources, weights).to_numpy(dtype=np.float64)
    is_by_area = not weight.sum() > 0
    plans = plans_of(
        cells,
        None if is_by_area else weight,
        units,
        owner=owner,
        lines=lines,
        spots=None if is_by_area else sources,
        seed=seed,
        effort=effort,
        is_over=is_over,
    )
    heaviest = 0.0 if is_by_area else float(weight.max() / weight.sum()) * units - 1
    return UnitPlans(tuple(plans), cells, is_by_area, max(heaviest, 0.0))


def plans_of(
    cells: gpd.GeoDataFrame,
    weight: Floats | None,
    units: int,
    *,
    owner: shapely.Geometry | None = None,
    lines: gpd.GeoDataFrame | None = None,
    spots: gpd.GeoDataFrame | None = None,
    seed: int = 0,
    effort: Effort | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> list[UnitPlan]:
    """Share out given cells among units.

    Parameters
    ----------
    cells : GeoDataFrame
        n cells of `base_cells`: a valid coverage with `kind`.
    weight : ndarray of n floats, optional
        With a sum above 0; None: the cells' areas.
    units : int
    owner : Polygon or MultiPolygon, optional
        Whose own vertices stay on the outline; by default all of the cells' do.
    lines, spots : GeoDataFrame, optional
        A border between cells of a mesh is drawn straight, but keeps to these lines and passes no spot.
    seed, effort, is_over
        As of `suggest_units`.

    Returns
    -------
    list of UnitPlan
        The most even first. Where no mesh is, units are exactly the unions of their cells.

    Raises
    ------
    InputError
        If there are fewer cells than units.
    """
    graph = CellGraph.of(cells.geometry.to_numpy(), Plane.at(shapely.box(*cells.total_bounds)))
    islands = int(graph.island.max()) + 1
    if units > graph.count:
        raise _wrong_number(graph.count)
    shared = area_m2(cells.geometry.to_numpy()) if weight is None else weight
    found = list(_found(graph, shared, units, seed, effort or Effort.for_cells(graph.count), is_over))
    is_mesh = (cells["kind"] == MESH).to_numpy()
    is_free = is_mesh[graph.left] & (graph.right != OUTSIDE) & is_mesh[graph.right]
    is_free &= ~on_lines(graph.lonlat[graph.start], graph.lonlat[graph.end], lines)
    outline = graph.lonlat if owner is None else shapely.get_coordinates(owner)
    spots_m = graph.metres[:0] if spots is None else _metres(graph, spots)
    whole = float(shapely.area(cells.geometry.to_numpy()).sum())
    plans = []
    for unit_of in _front(graph, shared, found, units):
        shapes = draw_units(graph, unit_of, units, is_free=is_free, outline=outline, spots_m=spots_m)
        if not _tile(shapes, whole) or len(shapely.get_parts(shapes)) > units + islands:
            everything = np.zeros_like(is_free)
            shapes = draw_units(graph, unit_of, units, is_free=everything, outline=outline, spots_m=spots_m)
        plans.append(_plan(shapes, unit_of, weight))
    return _undominated(plans)


def _found(
    graph: CellGraph, weight: Floats, units: int, seed: int, effort: Effort, is_over: Callable[[], bool]
) -> Iterator[Ints]:
    """Partitions of all cells, each piece of land by itself."""
    groups = groups_of(graph, weight, units)
    perimeter = np.bincount(graph.left, weights=graph.length_m, minlength=graph.count).astype(float)
    inner = graph.right != OUTSIDE
    perimeter += np.bincount(graph.right[inner], weights=graph.length_m[inner], minlength=graph.count)
    first, second, border = graph.borders(graph.length_m)
    first, second = np.r_[first, groups.bridges[:, 0]], np.r_[second, groups.bridges[:, 1]]
    border = np.r_[border, np.zeros(len(groups.bridges))]
    searches: list[Iterator[Ints]] = []
    members = [np.flatnonzero(groups.group == each) for each in range(len(groups.units))]
    for own, count in zip(members, groups.units.tolist(), strict=True):
        if count == 1:
            searches.append(repeat(np.zeros(len(own), dtype=np.int64)))
            continue
        place = np.full(graph.count, -1)
        place[own] = np.arange(len(own))
        within = (place[first] >= 0) & (place[second] >= 0)
        own_weight = weight[own] if weight[own].sum() > 0 else graph.area_m2[own]
        land = Land(
            own_weight,
            graph.area_m2[own],
            perimeter[own],
            graph.centre_m[own],
            place[first][within],
            place[second][within],
            border[within],
        )
        searches.append(partitions(land, count, seed=seed, effort=effort, is_over=is_over))
    offset = np.r_[0, np.cumsum(groups.units)[:-1]].tolist()
    for parts in islice(zip(*searches, strict=False), effort.starts * len(TOLERANCES)):
        unit_of = np.empty(graph.count, dtype=np.int64)
        for own, before, part in zip(members, offset, parts, strict=True):
            unit_of[own] = part + before
        yield unit_of


def _front(graph: CellGraph, weight: Floats, found: list[Ints], units: int) -> list[Ints]:
    """The most compact partitions, on the whole and at worst, within each step of deviation; each once."""
    off = np.array(
        [deviation_of(np.bincount(each, weights=weight, minlength=units).astype(float)) for each in found]
    )
    score = np.array([_plane_compactness(graph, each, units) for each in found])
    chosen: dict[int, None] = {}
    for step in _STEPS:
        within = np.flatnonzero(off <= max(step, off.min() + 1e-9))
        for which in (0, 1):
            chosen.setdefault(int(within[np.argmax(score[within, which])]))
    return [found[each] for each in chosen]


def _plane_compactness(graph: CellGraph, unit_of: Ints, units: int) -> tuple[float, float]:
    """The mean and the least Polsby-Popper score of units drawn along their cells."""
    left, inner = unit_of[graph.left], graph.right != OUTSIDE
    right = np.where(inner, unit_of[graph.right], OUTSIDE)
    drawn = left != right
    perimeter = np.bincount(left[drawn], weights=graph.length_m[drawn], minlength=units)
    drawn &= inner
    perimeter += np.bincount(right[drawn], weights=graph.length_m[drawn], minlength=units)
    score = 4 * np.pi * np.bincount(unit_of, weights=graph.area_m2, minlength=units) / perimeter**2
    return float(score.mean()), float(score.min())


def _plan(shapes: Geometries, unit_of: Ints, weight: Floats | None) -> UnitPlan:
    """The units from west to east, then north to south."""
    bounds = shapely.bounds(shapes)
    order = np.lexsort((-bounds[:, 3], bounds[:, 0]))
    shapes = shapes[order]
    number = np.argsort(order)[unit_of]
    area = area_m2(shapes)
    total = (
        area if weight is None else np.bincount(number, weights=weight, minlength=len(shapes)).astype(float)
    )
    return UnitPlan(shapes, total, area, polsby_popper(shapes), number)


def _undominated(plans: list[UnitPlan]) -> list[UnitPlan]:
    """Those that no other beats or equals in all three measures, in hundredths; the most even first."""
    kept: list[UnitPlan] = []
    known: list[tuple[float, float, float]] = []
    for plan in sorted(plans, key=lambda each: (each.deviation, -each.compactness, -each.compactness_min)):
        measured = -round(plan.deviation, 2), round(plan.compactness, 2), round(plan.compactness_min, 2)
        if not any(all(a >= b for a, b in zip(other, measured, strict=True)) for other in known):
            kept.append(plan)
            known.append(measured)
    return kept


def _tile(shapes: Geometries, whole_deg2: float) -> bool:
    """Whether the units are polygons that share edges, overlap nowhere and have all of the land."""
    if not (shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes)):
        return False
    return abs(float(shapely.area(shapes).sum()) - whole_deg2) <= DUST_DEG2 + 1e-9 * whole_deg2


def _metres(graph: CellGraph, spots: gpd.GeoDataFrame) -> Floats:
    shapes = spots.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    return graph.plane.metres(shapely.get_coordinates(representative_points(shapes)))


def _both(villages: GridFrame, lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat([villages[["geometry"]], lines[["geometry"]]], ignore_index=True))


def _wrong_number(most: int) -> InputError:
    return InputError(
        Text(zh=f"单元数应为 1 至 {most}。", en=f"The number of units is between 1 and {most}."),
        todo=Text(zh="请换一个单元数。", en="Choose another number of units."),
    )
