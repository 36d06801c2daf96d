"""Directed edges: hashed, cancelled, and shared before a plane is bent."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.crs import geometries_to_lonlat
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.edges import Edges, directed_edges, share_vertices, split_at_ends, sum_edges
from tests.squares import hierarchy


def polygons(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_the_interior_lies_on_the_left_of_every_edge_holes_included() -> None:
    ring = shapely.Polygon([(0, 0), (0, 4), (4, 4), (4, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    edges = directed_edges(polygons(ring))
    middle = (edges.start + edges.end) / 2
    along = edges.end - edges.start
    left = middle + 1e-3 * np.column_stack([-along[:, 1], along[:, 0]])
    assert len(edges) == 8
    assert shapely.contains_xy(ring, left[:, 0], left[:, 1]).all()


def test_the_edges_that_two_neighbours_share_cancel() -> None:
    edges = directed_edges(polygons(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)))
    sums = sum_edges(edges, np.ones(len(edges)), np.zeros(len(edges), dtype=np.int64))
    assert len(sums.weight) == 7
    assert np.count_nonzero(sums.weight) == 6


def test_edges_of_different_groups_do_not_cancel() -> None:
    edges = directed_edges(polygons(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)))
    assert np.count_nonzero(sum_edges(edges, np.ones(len(edges)), edges.owner).weight) == 8


def test_negative_zero_is_zero() -> None:
    edges = directed_edges(polygons(shapely.box(-1, 0, 0.0, 1), shapely.box(-0.0, 0, 1, 1)))
    sums = sum_edges(edges, np.ones(len(edges)), np.zeros(len(edges), dtype=np.int64))
    assert np.count_nonzero(sums.weight) == 6


@given(st.lists(st.integers(0, 5), min_size=2, max_size=60), st.randoms(use_true_random=False))
def test_sums_do_not_depend_on_order(walk: list[int], random: object) -> None:
    places = np.array([(n * 0.1, n * n * 0.01) for n in range(6)])
    start, end = places[walk[:-1]], places[walk[1:]]
    proper = np.any(start != end, axis=1)
    ring = type(directed_edges(polygons()))(
        start[proper], end[proper], np.zeros(proper.sum(), dtype=np.int64)
    )
    order = list(range(len(ring)))
    random.shuffle(order)  # type: ignore[attr-defined]

    def net(edges: object) -> dict[tuple[float, ...], float]:
        sums = sum_edges(edges, np.ones(len(edges)), edges.owner)  # type: ignore[attr-defined,arg-type]
        taken = edges.take(sums.first)  # type: ignore[attr-defined]
        out = {}
        for a, b, weight in zip(taken.start, taken.end, sums.weight, strict=True):
            low, high = sorted([tuple(a), tuple(b)])
            out[(*low, *high)] = weight if tuple(a) == low else -weight
        return out

    assert net(ring) == net(ring.take(np.array(order, dtype=np.int64)))


WIDE = shapely.box(415_000, 4_530_000, 420_000, 4_535_000)
NORTH_WEST = shapely.box(415_000, 4_535_000, 417_500, 4_540_000)
NORTH_EAST = shapely.box(417_500, 4_535_000, 420_000, 4_540_000)


def test_a_t_junction_gets_the_vertex_and_keeps_its_land() -> None:
    (shared,) = share_vertices([polygons(WIDE, NORTH_WEST, NORTH_EAST)], 0.05)
    assert shapely.get_num_coordinates(shared[0]) == 6
    assert shapely.equals(shared[0], WIDE)
    assert [417_500, 4_535_000] in shapely.get_coordinates(shared[0]).tolist()


def test_vertices_are_shared_across_layers() -> None:
    first, second = share_vertices([polygons(WIDE), polygons(NORTH_WEST, NORTH_EAST)], 0.05)
    assert shapely.get_num_coordinates(first[0]) == 6
    assert len(second) == 2


def test_a_vertex_off_the_edge_moves_no_outline() -> None:
    near = shapely.box(417_500, 4_535_000.03, 420_000, 4_540_000)
    (shared,) = share_vertices([polygons(WIDE, near)], 0.05)
    assert shapely.area(shapely.symmetric_difference(shared[0], WIDE)) < 1e-3


def test_holes_of_different_length_survive_sharing() -> None:
    round_hole = shapely.Point(20, 20).buffer(5)
    holed = shapely.Polygon(
        shapely.box(0, 0, 90, 90).exterior, [shapely.box(50, 50, 60, 60).exterior, round_hole.exterior]
    )
    (shared,) = share_vertices([polygons(holed, shapely.box(90, 30, 120, 60))], 0.05)
    assert shapely.equals(shared[0], holed)
    assert shapely.get_num_coordinates(shared[0]) == shapely.get_num_coordinates(holed) + 2


def test_snapping_inserts_the_vertex_itself() -> None:
    near = shapely.box(417_500, 4_535_000.03, 420_000, 4_540_000)
    (shared,) = share_vertices([polygons(WIDE, near)], 0.05, snap=True)
    assert [417_500, 4_535_000.03] in shapely.get_coordinates(shared[0]).tolist()


def test_without_shared_vertices_a_bent_plane_opens_a_false_gap() -> None:
    """The reason for `share_vertices`: on a 5 km edge the sagitta is some 0.4 m."""
    whole = polygons(shapely.box(415_000, 4_530_000, 420_000, 4_540_000))
    towns = polygons(WIDE, NORTH_WEST, NORTH_EAST)

    def findings(layers: list[np.ndarray]) -> int:
        bent = [geometries_to_lonlat(layer, "EPSG:4550") for layer in layers]
        named = [{f"{n}{k}": each for k, each in enumerate(layer)} for n, layer in enumerate(bent)]
        return len(audit_levels(hierarchy(*named).grids)[0].findings)

    assert findings([whole, towns]) > 0
    assert findings(share_vertices([whole, towns], 0.05)) == 0


@pytest.mark.parametrize("hole", [True, False])
def test_holes_and_multipolygons_survive_sharing(hole: bool) -> None:
    shape = shapely.Polygon(
        [(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]] if hole else None
    )
    both = shapely.multipolygons([shape, shapely.box(20, 0, 30, 10)])
    (shared,) = share_vertices([polygons(both, shapely.box(9, 2, 20, 4))], 0.01)
    assert shapely.equals(shared[0], both)
    assert shapely.get_num_coordinates(shared[0]) == shapely.get_num_coordinates(both) + 4


def test_an_edge_is_led_through_an_end_that_lies_beside_it_by_a_rounding() -> None:
    edges = Edges(
        np.array([[0.0, 0.0], [1.0, 1e-12]]),
        np.array([[3.0, 0.0], [1.0, 1.0]]),
        np.array([7, 8], dtype=np.int64),
    )
    led = split_at_ends(edges, 1e-10)
    assert led.start.tolist() == [[0, 0], [1, 1e-12], [1, 1e-12]]
    assert led.end.tolist() == [[1, 1e-12], [3, 0], [1, 1]]
    assert led.owner.tolist() == [7, 7, 8]


def test_an_edge_that_another_ends_near_stays_as_it_is() -> None:
    edges = Edges(np.array([[0.0, 0.0], [1.0, 1e-9]]), np.array([[3.0, 0.0], [1.0, 1.0]]), np.array([0, 1]))
    assert split_at_ends(edges, 1e-10) is edges
