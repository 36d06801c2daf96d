"""Unit grids suggested for 507 cells in 25 units, against tools of redistricting and clustering.

The cells are Voronoi cells of random seats, clipped to Panjin's outline; the loads are the weights of its
demo sources, twenty for one, scattered around it. GerryChain cuts random spanning trees, each part within 5 %
of the mean (`recursive_tree_part`); Ward joins neighbouring cells by their centres and knows no load. All
are measured by one function, on the unions of the same cells.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from gerrychain import Graph
from gerrychain.partition import recursive_tree_part
from gerrychain.tree import bipartition_tree
from scipy.sparse import coo_array
from sklearn.cluster import AgglomerativeClustering

from gisgrid.spatial.arrangement import arrange
from gisgrid.spatial.suggesting.cell_graph import CellGraph, Plane
from gisgrid.spatial.suggesting.cells import VILLAGE
from gisgrid.spatial.suggesting.compactness import polsby_popper
from gisgrid.spatial.suggesting.plans import deviation_of, plans_of
from tests.benchmarks.measurements import Report

PANJIN = Path(__file__).parents[2] / "data" / "panjin"
CELLS, UNITS = 507, 25
SEED = 7
SCATTERED, SCATTER_DEG = 20, 0.05
TREES, TREE_EPSILON, TREE_TRIES = 5, 0.05, 10
TREE_CUTS = 1_000
MOST_DEVIATION, LEAST_COMPACTNESS, MOST_S = 0.10, 0.45, 5.0
WORK = {"A": 1, "B": 2, "C": 4, "待定": 2}

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Measured:
    """A plan's deviation, and the mean and least of its Polsby-Popper scores."""

    deviation: float
    compactness: float
    compactness_min: float

    def beats(self, other: Measured) -> bool:
        """Whether it is as good in both, and better in one."""
        return (
            self.deviation <= other.deviation
            and self.compactness >= other.compactness
            and (self.deviation, self.compactness) != (other.deviation, other.compactness)
        )

    def __str__(self) -> str:
        return f"{self.deviation:.1%} at {self.compactness:.3f} (least {self.compactness_min:.2f})"


def units(report: Report) -> None:
    """The front of plans, and that each peer is beaten in both measures at once."""
    cells, load = _cells()
    assert len(cells) == CELLS
    graph = CellGraph.of(cells.geometry.to_numpy(), Plane.at(shapely.box(*cells.total_bounds)))
    plans, own_s = _timed(lambda: plans_of(cells, load, UNITS, seed=0))
    own = [_measured(cells, load, each.unit_of) for each in plans]
    for plan, each in zip(plans, own, strict=True):
        assert _is_contiguous(graph, plan.unit_of)
        assert np.isclose(each.compactness, plan.compactness)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (trees, failed), trees_s = _timed(lambda: _trees(graph, load))
    measured_trees = [_measured(cells, load, each) for each in trees]
    ward, ward_s = _timed(lambda: _ward(graph))
    measured_ward = _measured(cells, load, ward)

    report.line(
        f"{CELLS} cells into {UNITS} units, {len(own)} plans",
        f"{own_s:.1f} s",
        wanted=f"≤ {MOST_S:.0f} s",
        met=own_s <= MOST_S,
        peer=f"{len(trees)} trees {trees_s:.1f} s, {failed} tries failed; Ward {ward_s:.2f} s",
    )
    for number, each in enumerate(own, 1):
        report.line(f"plan {number}: deviation at Polsby-Popper", str(each))
    good = [
        each for each in own if each.deviation <= MOST_DEVIATION and each.compactness >= LEAST_COMPACTNESS
    ]
    report.line(
        "plans within both aims",
        f"{len(good)}",
        wanted=f"1 with ≤ {MOST_DEVIATION:.0%} at ≥ {LEAST_COMPACTNESS}",
        met=bool(good),
    )
    beaten = [any(each.beats(tree) for each in own) for tree in measured_trees]
    even = min(measured_trees, key=lambda each: each.deviation)
    compact = max(measured_trees, key=lambda each: each.compactness)
    report.line(
        f"of {len(trees)} trees, beaten in both measures by one of the plans",
        f"{sum(beaten)}",
        wanted="all",
        met=all(beaten),
        peer=f"the most even: {even}; the most compact: {compact}",
    )
    better = [each for each in own if each.beats(measured_ward)]
    report.line(
        "plans that beat Ward in both measures",
        f"{len(better)}",
        wanted="1 or more",
        met=bool(better),
        peer=f"{measured_ward}",
    )
    both = [
        each for each in own if each.beats(measured_ward) and all(each.beats(tree) for tree in measured_trees)
    ]
    report.line("plans that alone beat Ward and every tree", f"{len(both)}")


T = TypeVar("T")


def _timed(job: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    return job(), time.perf_counter() - begin


def _cells() -> tuple[gpd.GeoDataFrame, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """The cells, and the load of each."""
    rng = np.random.default_rng(SEED)
    city = gpd.read_file(PANJIN / "level1.geojson").geometry[0]
    scattered = rng.uniform(*np.array(city.bounds).reshape(2, 2), (4 * CELLS, 2))
    seats = scattered[shapely.contains_xy(city, *scattered.T)]
    # A coast cuts some cells in two: as many seats as make the number of cells.
    faces = next(each for each in _clipped(city, seats) if len(each) == CELLS)
    table = pd.read_csv(PANJIN / "sources.csv", encoding="utf-8-sig")
    weight = np.repeat(table["管理类别"].map(WORK).to_numpy(dtype=np.float64), SCATTERED)
    places = np.repeat(table[["经度", "纬度"]].to_numpy(), SCATTERED, axis=0)
    places += rng.normal(0, SCATTER_DEG, places.shape)
    source, cell = shapely.STRtree(faces).query(shapely.points(places), predicate="intersects")
    load = np.bincount(cell, weights=weight[source], minlength=CELLS)
    return gpd.GeoDataFrame({"kind": VILLAGE}, geometry=faces, crs=4490, index=range(CELLS)), load


def _clipped(city: shapely.Polygon, seats: np.ndarray) -> Iterator[np.ndarray]:
    """The Voronoi cells of the first so many seats, ever fewer, inside the city; each piece is a cell."""
    outline = np.array([shapely.LineString(shapely.get_coordinates(city.exterior))])
    for count in range(CELLS, 0, -1):
        drawn = shapely.voronoi_polygons(
            shapely.multipoints(seats[:count]), extend_to=city.buffer(0.1), only_edges=True
        )
        _, faces = arrange(np.concatenate([shapely.get_parts(drawn), outline]))
        yield faces.geometry[shapely.contains(city, faces.inside)]


def _measured(cells: gpd.GeoDataFrame, load: np.ndarray, unit_of: Ints) -> Measured:
    shapes = cells.geometry.to_numpy()
    units = np.array([shapely.coverage_union_all(shapes[unit_of == each]) for each in range(UNITS)])
    score = polsby_popper(units)
    weight = np.bincount(unit_of, weights=load, minlength=UNITS)
    return Measured(deviation_of(weight), float(score.mean()), float(score.min()))


def _is_contiguous(graph: CellGraph, unit_of: Ints) -> bool:
    first, second, _ = graph.borders(graph.length_m)
    same = unit_of[first] == unit_of[second]
    links = nx.Graph(zip(first[same].tolist(), second[same].tolist(), strict=True))
    links.add_nodes_from(range(graph.count))
    return nx.number_connected_components(links) == UNITS


def _trees(graph: CellGraph, load: np.ndarray) -> tuple[list[Ints], int]:
    """Partitions by random spanning trees, and how often none was found."""
    first, second, _ = graph.borders(graph.length_m)
    links = nx.Graph()
    links.add_nodes_from((cell, {"load": float(load[cell])}) for cell in range(graph.count))
    links.add_edges_from(zip(first.tolist(), second.tolist(), strict=True))
    dual = Graph.from_networkx(links)
    found: list[Ints] = []
    failed = 0
    # Its own limit of 100,000 cuts takes minutes where there is none to find.
    cut = partial(bipartition_tree, max_attempts=TREE_CUTS)
    for seed in range(TREES * TREE_TRIES):
        random.seed(seed)
        try:
            parts = recursive_tree_part(
                dual, range(UNITS), load.sum() / UNITS, "load", TREE_EPSILON, bipartition_tree_fn=cut
            )
        except RuntimeError:
            failed += 1
            continue
        found.append(np.array([parts[cell] for cell in range(graph.count)]))
        if len(found) == TREES:
            break
    return found, failed


def _ward(graph: CellGraph) -> Ints:
    first, second, _ = graph.borders(graph.length_m)
    pairs = np.r_[first, second], np.r_[second, first]
    links = coo_array((np.ones(2 * len(first)), pairs), shape=(graph.count, graph.count))
    joined = AgglomerativeClustering(UNITS, linkage="ward", connectivity=links)
    return np.asarray(joined.fit_predict(graph.centre_m), dtype=np.int64)
