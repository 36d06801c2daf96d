"""How far the boundary is, in which direction, and who is across."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import update

from gisgrid.model import Grid
from gisgrid.spatial.measure import GEOD
from gisgrid.spatial.nearness import nearest_of
from gisgrid.store.database import Database
from gisgrid.supervision.place import Place, wind
from tests.city import KM, City, point, shape
from tests.squares import box, place
from tests.supervision.conftest import Ask


def test_near_a_boundary_the_neighbour_is_told_with_its_parent_and_phone(ask: Ask) -> None:
    found = ask(10.04, 5)
    boundary = found.boundary
    assert boundary is not None
    assert boundary.distance_m == pytest.approx(40, rel=2e-3)
    assert boundary.direction == "W"
    assert boundary.is_near
    assert boundary.neighbour is not None
    assert (boundary.neighbour.uid, boundary.neighbour.name) == ("T2", "二镇")
    assert boundary.neighbour.parent_name == "西县"
    assert found.phones["T2"] == "0427-000 0003"


def test_fifty_metres_and_more_are_not_near(ask: Ask) -> None:
    boundary = ask(10.06, 5).boundary
    assert boundary is not None
    assert not boundary.is_near
    assert boundary.neighbour is not None


def test_across_the_outer_boundary_is_nobody(ask: Ask) -> None:
    boundary = ask(12, 0.02).boundary
    assert boundary is not None
    assert boundary.distance_m == pytest.approx(20, rel=2e-3)
    assert boundary.direction == "S"
    assert boundary.neighbour is None


def test_across_a_gap_is_nobody(ask: Ask) -> None:
    boundary = ask(14.97, 5).boundary
    assert boundary is not None
    assert boundary.direction == "E"
    assert boundary.neighbour is None


def test_land_that_another_claims_on_this_side_is_the_boundary(ask: Ask) -> None:
    """T2 begins at 4.8 km, inside T1, whose own edge is at 5 km."""
    boundary = ask(4.77, 5).boundary
    assert boundary is not None
    assert boundary.distance_m == pytest.approx(30, rel=2e-3)
    assert boundary.direction == "E"
    assert boundary.neighbour is not None
    assert boundary.neighbour.uid == "T2"


def test_a_neighbour_across_a_sliver_is_a_neighbour(ask: Ask, database: Database, city: City) -> None:
    _reshape(database, city.grids["T3"], box(10 * KM + 4, 0, 15 * KM, 10 * KM))
    boundary = ask(9.98, 5).boundary
    assert boundary is not None
    assert boundary.distance_m == pytest.approx(20, rel=2e-3)
    assert boundary.neighbour is not None
    assert boundary.neighbour.uid == "T3"


def test_where_two_parts_of_a_grid_touch_is_no_boundary(ask: Ask, database: Database, city: City) -> None:
    parts = [box(10 * KM, 0, 12 * KM, 10 * KM), box(12 * KM, 0, 15 * KM, 10 * KM)]
    _reshape(database, city.grids["T3"], shapely.MultiPolygon(parts))
    boundary = ask(12.01, 5).boundary
    assert boundary is not None
    assert boundary.distance_m == pytest.approx(2010, rel=2e-3)


def test_the_boundary_of_a_place_in_a_gap_is_that_of_its_finest_grid(ask: Ask) -> None:
    boundary = ask(17, 5).boundary
    assert boundary is not None
    assert boundary.distance_m == pytest.approx(3000, rel=2e-3)
    assert boundary.direction == "E"


@pytest.mark.parametrize(
    ("dx_m", "dy_m", "direction"),
    [
        (0, 1, "N"),
        (1, 1, "NE"),
        (1, 0, "E"),
        (1, -1, "SE"),
        (0, -1, "S"),
        (-1, -1, "SW"),
        (-1, 0, "W"),
        (-1, 1, "NW"),
    ],
)
def test_there_are_eight_winds(dx_m: int, dy_m: int, direction: str) -> None:
    here = Place(*point(0, 0).coords[0])
    there = np.array([place(shapely.Point(1000 * dx_m, 1000 * dy_m))], dtype=object)
    assert wind(float(here.distances(there).bearing_deg[0])) == direction


def test_distances_to_large_outlines_are_those_to_the_whole() -> None:
    """Outlines are cut down before they are measured; nothing may be lost by it."""
    rng = np.random.default_rng(5)
    angles = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    radius_m = 30_000 * (1 + 0.2 * np.sin(7 * angles) + 0.01 * rng.normal(size=len(angles)))
    ring = np.stack([radius_m * np.cos(angles), radius_m * np.sin(angles)], axis=-1)
    polygon = shapely.boundary(place(shapely.Polygon(ring)))
    outline = np.array([polygon], dtype=object)
    for x_m, y_m in rng.uniform(-60_000, 60_000, (40, 2)):
        here = Place(*place(shapely.Point(x_m, y_m)).coords[0])
        fast = here.distances(outline).distance_m[0]
        whole = nearest_of(np.array([here.point], dtype=object), outline).distance_m[0]
        assert fast == pytest.approx(whole, abs=1e-3)


def test_a_distance_is_a_geodesic(ask: Ask) -> None:
    """True to 12 mm, by which `nearest_of` bends a boundary that runs straight in degrees."""
    boundary = ask(12, 0.02).boundary
    here, edge = point(12, 0.02), point(12, 0)
    assert boundary is not None
    assert boundary.distance_m == pytest.approx(GEOD.inv(here.x, here.y, edge.x, edge.y)[2], abs=0.015)


def _reshape(database: Database, grid: int, geometry: shapely.Geometry) -> None:
    """As a planner could not: a published plan never changes."""
    stored = from_shape(geometry, srid=4490) if geometry.geom_type == "MultiPolygon" else shape(geometry)
    with database.operating() as session:
        session.connection().exec_driver_sql("ALTER TABLE gisgrid.grid DISABLE TRIGGER keep_published")
        session.execute(update(Grid).where(Grid.id == grid).values(geometry=stored))
        session.connection().exec_driver_sql("ALTER TABLE gisgrid.grid ENABLE TRIGGER keep_published")
