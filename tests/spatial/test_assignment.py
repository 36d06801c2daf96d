"""Sources assigned to grids: brute force agrees, ties go to the smaller id, and what is missed is named."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gisgrid.frames import STORED_CRS
from gisgrid.spatial.assignment import assign, uncovered

GEOD = Geod(ellps="GRS80")


def grids(*rows: tuple[int, int, int | None, shapely.Geometry]) -> gpd.GeoDataFrame:
    """(id, level, parent, polygon) rows."""
    ids, levels, parents, shapes = zip(*rows, strict=True) if rows else ((), (), (), ())
    return gpd.GeoDataFrame(
        {"level": np.array(levels, dtype=np.int64), "parent": pd.array(list(parents), dtype="Int64")},
        geometry=list(shapes),
        index=pd.Index(ids, dtype="int64"),
        crs=STORED_CRS,
    )


def sources(*shapes: shapely.Geometry | tuple[float, float] | None) -> gpd.GeoDataFrame:
    """Numbered from 1."""
    placed = [shapely.Point(each) if isinstance(each, tuple) else each for each in shapes]
    return gpd.GeoDataFrame(geometry=placed, index=pd.RangeIndex(1, len(placed) + 1), crs=STORED_CRS)


def where(found: pd.DataFrame, level: int) -> list[int | None]:
    return [None if pd.isna(each) else int(each) for each in found[level]]


CITY = shapely.box(122, 41, 122.4, 41.4)
WEST, EAST = shapely.box(122, 41, 122.2, 41.4), shapely.box(122.2, 41, 122.4, 41.4)
PLAN = grids((1, 1, None, CITY), (2, 2, 1, WEST), (3, 2, 1, EAST))


def test_every_level_is_answered_at_once() -> None:
    found = assign(sources((122.1, 41.1), (122.3, 41.1), (125, 41)), PLAN)
    assert list(found.columns) == [1, 2]
    assert where(found, 1) == [1, 1, None]
    assert where(found, 2) == [2, 3, None]
    assert set(found.dtypes.astype(str)) == {"Int64"}


def test_a_shared_edge_belongs_to_the_smaller_id_in_any_row_order() -> None:
    on_edge = sources((122.2, 41.1), (122.2, 41.4), (122.2, 41))
    assert where(assign(on_edge, PLAN), 2) == [2, 2, 2]
    assert where(assign(on_edge, PLAN.iloc[::-1]), 2) == [2, 2, 2]


def test_the_outer_edge_and_its_corners_belong_to_the_grid() -> None:
    found = assign(sources((122, 41), (122.4, 41.4), (122, 41.2), (122.3, 41)), PLAN)
    assert where(found, 1) == [1, 1, 1, 1]


def test_an_overlap_belongs_to_the_smaller_id() -> None:
    plan = grids((9, 1, None, CITY), (4, 1, None, shapely.box(122.3, 41, 123, 42)))
    assert where(assign(sources((122.35, 41.1)), plan), 1) == [4]


def test_a_hole_is_outside_and_an_island_inside() -> None:
    ring = shapely.Polygon(CITY.exterior.coords, [shapely.box(122.1, 41.1, 122.2, 41.2).exterior.coords])
    island = shapely.box(123, 41, 123.1, 41.1)
    plan = grids((7, 1, None, shapely.multipolygons([ring, island])))
    assert where(assign(sources((122.15, 41.15), (123.05, 41.05), (122.6, 41.1)), plan), 1) == [None, 7, None]


def test_a_polygon_or_line_is_where_its_representative_point_is() -> None:
    plant = shapely.box(122.19, 41.1, 122.25, 41.2)
    pipe = shapely.LineString([(122.21, 41.1), (122.3, 41.1), (122.39, 41.1)])
    assert where(assign(sources(plant, pipe), PLAN), 2) == [3, 3]


def test_what_has_no_place_has_no_grid() -> None:
    assert where(assign(sources(None, shapely.Point(), (122.1, 41.1)), PLAN), 2) == [None, None, 2]


def test_empty_frames_give_empty_answers() -> None:
    nobody = assign(sources(), PLAN)
    assert list(nobody.columns) == [1, 2]
    assert nobody.empty
    nowhere = assign(sources((122.1, 41.1)), grids())
    assert nowhere.shape == (1, 0)
    assert uncovered(sources(), PLAN, nobody).empty
    assert uncovered(sources((1.0, 1.0)), grids(), nowhere).empty


def test_points_on_one_parallel_or_one_spot_are_answered() -> None:
    flat = sources(*[(122 + step / 100, 41.2) for step in range(41)])
    assert where(assign(flat, PLAN), 1) == [1] * 41
    assert where(assign(sources(*[(122.1, 41.1)] * 50), PLAN), 2) == [2] * 50


def test_the_index_of_the_sources_is_kept() -> None:
    some = sources((122.1, 41.1), (122.3, 41.1)).set_axis([70, 5])
    assert assign(some, PLAN).loc[5, 2] == 3


@st.composite
def plans(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Overlapping triangles and boxes on a coarse lattice, so that points fall on edges and corners."""
    corner = st.tuples(st.integers(0, 6), st.integers(0, 6))
    shapes = []
    for _ in range(draw(st.integers(1, 8))):
        shape = shapely.Polygon(draw(st.lists(corner, min_size=3, max_size=3, unique=True)))
        if shape.area > 0:
            shapes.append(shape)
    ids = draw(st.permutations(range(10, 10 + len(shapes))))
    return grids(*[(each, 1, None, shape) for each, shape in zip(ids, shapes, strict=True)])


@given(
    plans(),
    st.lists(st.tuples(st.integers(-1, 7), st.integers(-1, 7)), min_size=1, max_size=20),
    st.randoms(),
)
@settings(max_examples=60, deadline=None)
def test_assignment_is_the_smallest_covering_id_whatever_the_order(plan, at, random) -> None:  # type: ignore[no-untyped-def]
    points = sources(*[(float(x), float(y)) for x, y in at])
    shuffled = plan.sample(frac=1, random_state=random.randint(0, 1000))
    found = assign(points, shuffled)
    for number, point in points.geometry.items():
        covering = [each for each, shape in plan.geometry.items() if shape.covers(point)]
        if len(plan):
            assert (None if pd.isna(found.loc[number, 1]) else found.loc[number, 1]) == min(
                covering, default=None
            )


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_many_points_among_many_cells_agree_with_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.multipoints(rng.uniform(0, 5, (60, 2))), extend_to=shapely.box(0, 0, 5, 5)
        )
    )
    plan = grids(*[(number, 1, None, cell) for number, cell in enumerate(cells)])
    points = sources(*map(tuple, rng.uniform(-1, 6, (2_000, 2))))
    row, cell = shapely.STRtree(cells).query(points.geometry.to_numpy(), predicate="intersects")
    expected = np.full(len(points), -1)
    expected[row[::-1]] = cell[::-1]
    order = np.lexsort((-cell, row))
    expected[row[order]] = cell[order]
    assert assign(points, plan)[1].fillna(-1).tolist() == expected.tolist()


# uncovered -----------------------------------------------------------------

GAP_PLAN = grids(
    (1, 1, None, CITY),
    (2, 2, 1, shapely.box(122, 41, 122.2, 41.4)),
    (3, 2, 1, shapely.box(122.21, 41, 122.4, 41.4)),
    (4, 3, 2, shapely.box(122, 41, 122.2, 41.1)),
    (5, 3, 2, shapely.box(122, 41.2, 122.2, 41.4)),
)


def missed(plan: gpd.GeoDataFrame, *shapes: tuple[float, float]) -> pd.DataFrame:
    some = sources(*shapes)
    return uncovered(some, plan, assign(some, plan))


def test_a_source_in_a_gap_is_told_the_level_and_the_nearest_child() -> None:
    found = missed(GAP_PLAN, (122.203, 41.3))
    assert found["reason"].tolist() == ["gap"]
    assert found["level"].tolist() == [2]
    assert found["nearest"].tolist() == [2]
    expected = GEOD.inv(122.203, 41.3, 122.2, 41.3)[2]
    assert found["distance_m"].iloc[0] == pytest.approx(expected, abs=0.1)


def test_a_gap_of_a_finer_level_is_found_under_a_covered_one() -> None:
    found = missed(GAP_PLAN, (122.1, 41.13), (122.1, 41.05))
    assert found.index.tolist() == [1]
    assert found["level"].tolist() == [3]
    assert found["nearest"].tolist() == [4]


def test_an_undivided_grid_covers_its_sources() -> None:
    assert missed(GAP_PLAN, (122.3, 41.3)).empty


def test_the_first_level_that_misses_a_source_is_reported_once() -> None:
    plan = grids(
        (1, 1, None, CITY), (2, 2, 1, WEST), (3, 2, 1, EAST), (4, 3, 3, shapely.box(122.3, 41, 122.4, 41.4))
    )
    found = missed(plan, (125.0, 41.2), (122.25, 41.2))
    assert found["reason"].tolist() == ["outside", "gap"]
    assert found["level"].tolist() == [1, 3]


def test_a_source_outside_is_told_the_nearest_undivided_grid() -> None:
    found = missed(GAP_PLAN, (121.9, 41.3), (122.5, 41.3))
    assert found["nearest"].tolist() == [5, 3]
    assert found["distance_m"].iloc[0] == pytest.approx(GEOD.inv(121.9, 41.3, 122, 41.3)[2], rel=1e-5)


def test_a_misnested_child_of_another_grid_covers_the_land_it_lies_on() -> None:
    plan = grids(
        (1, 1, None, CITY),
        (2, 2, 1, WEST),
        (3, 2, 1, EAST),
        (4, 3, 2, shapely.box(122, 41, 122.3, 41.4)),
        (5, 3, 3, shapely.box(122.35, 41, 122.4, 41.4)),
    )
    assert missed(plan, (122.25, 41.2)).empty
    assert missed(plan, (122.32, 41.2))["nearest"].tolist() == [5]


def test_children_that_skip_a_level_are_judged_at_their_own() -> None:
    plan = grids(
        (1, 1, None, CITY), (2, 2, 1, WEST), (3, 2, 1, EAST), (4, 4, 3, shapely.box(122.3, 41, 122.4, 41.4)),
        (5, 3, 2, WEST),
    )  # fmt: skip
    found = missed(plan, (122.25, 41.2), (122.35, 41.2), (122.1, 41.2))
    assert found.index.tolist() == [1]
    assert found["level"].tolist() == [4]


def test_of_two_equally_near_grids_the_smaller_id_is_nearest() -> None:
    west, east = shapely.box(122, 41, 122.1, 41.4), shapely.box(122.3, 41, 122.4, 41.4)
    plan = grids((1, 1, None, CITY), (8, 2, 1, west), (7, 2, 1, east))
    assert missed(plan, (122.2, 41.2))["nearest"].tolist() == [7]


def test_a_source_without_a_place_has_no_nearest_grid() -> None:
    some = sources(None)
    found = uncovered(some, PLAN, assign(some, PLAN))
    assert found["nearest"].isna().all()
    assert found["distance_m"].isna().all()


def geodesic_to(polygon: shapely.Geometry, lon: float, lat: float, step_deg: float = 1e-5) -> float:
    """By walking the outline in steps of a metre or so."""
    outline = shapely.get_coordinates(shapely.segmentize(polygon.exterior, step_deg))
    return float(min(GEOD.inv(np.full(len(outline), lon), np.full(len(outline), lat), *outline.T)[2]))


@given(st.floats(-179.5, 179.5), st.floats(-80, 80), st.floats(-1, 1), st.floats(-1, 1))
@settings(max_examples=40, deadline=None)
def test_the_distance_to_the_nearest_grid_is_the_geodesic_everywhere(
    lon: float, lat: float, east: float, north: float
) -> None:
    triangle = shapely.Polygon([(lon, lat), (lon + 0.03, lat + 0.01), (lon + 0.01, lat + 0.03)])
    at = (lon + east, float(np.clip(lat + north, -89, 89)))
    found = missed(grids((1, 1, None, triangle)), at)
    if len(found):
        walked_m, stride_m = geodesic_to(triangle, *at), 1e-5 * 111_700
        assert found["distance_m"].iloc[0] <= walked_m + 0.1
        assert walked_m <= np.hypot(found["distance_m"].iloc[0], stride_m / 2) + 0.1


def test_the_truly_nearest_grid_wins_though_another_is_nearer_in_degrees() -> None:
    north_of_it, east_of_it = shapely.box(20, 70.2, 20.1, 70.3), shapely.box(20.4, 70, 20.5, 70.1)
    found = missed(grids((1, 1, None, north_of_it), (2, 1, None, east_of_it)), (20.05, 70.05))
    assert found["nearest"].tolist() == [2]


def test_the_nearest_grid_may_lie_across_the_antimeridian() -> None:
    plan = grids(
        (1, 1, None, shapely.box(-179.9, 10, -179.8, 10.1)), (2, 1, None, shapely.box(179, 10, 179.1, 10.1))
    )
    found = missed(plan, (179.95, 10.05))
    assert found["nearest"].tolist() == [1]
    assert found["distance_m"].iloc[0] == pytest.approx(GEOD.inv(179.95, 10.05, -179.9, 10.05)[2], abs=0.1)


@pytest.mark.parametrize("origin", [(0.0, 0.0), (60.0, -50.0), (-150.0, 75.0), (-60.0, -85.0)])
def test_far_sources_find_the_truly_nearest_of_many_grids(origin: tuple[float, float]) -> None:
    rng = np.random.default_rng(4)
    corners = rng.uniform((100, 20), (130, 50), (60, 2))
    plan = grids(
        *[(number, 1, None, shapely.box(x, y, x + 0.1, y + 0.1)) for number, (x, y) in enumerate(corners)]
    )
    found = missed(plan, origin)
    away = [geodesic_to(shape, *origin, step_deg=1e-4) for shape in plan.geometry]
    assert found["nearest"].tolist() == [int(np.argmin(away))]
    assert found["distance_m"].iloc[0] == pytest.approx(min(away), abs=0.1)
