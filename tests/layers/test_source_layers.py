"""Sources, their surroundings, and the work that they make."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import to_shape
from pyproj import Geod
from sqlalchemy import func, update

from gisgrid.layer import METRES_A_DEGREE
from gisgrid.model import Receptor, Source, Surrounding
from gisgrid.store.database import Database
from layers import all_layers
from tests.city import City, point, shape
from tests.layers.reading import column, rows


def test_the_register_is_for_the_jurisdiction_alone(database: Database, city: City) -> None:
    assert column(rows(database, "sources-internal", city.plan, who="west"), "uid") == {("S1",), ("S2",)}
    assert len(rows(database, "sources-internal", city.plan)) == 5


def test_sources_on_one_spot_are_stacked(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(update(Source).where(Source.uid.in_(["S1", "S2"])).values(stack_size=7))
    found = rows(database, "stacked-sources", city.plan)
    assert column(found, "uid", "stack_size") == {("S1", 7), ("S2", 7)}


def test_each_doubt_about_a_position_is_told_apart(database: Database, city: City) -> None:
    changes = {
        "S1": {"location": "swapped"},
        "S2": {"location": "ambiguous"},
        "S3": {"stated_name": "一镇", "stated_distance_m": 5000.0},
        "S4": {"stated_name": "三镇", "stated_distance_m": 0.0},
    }
    with database.operating() as session:
        for uid, values in changes.items():
            session.execute(update(Source).where(Source.uid == uid).values(**values))
    found = rows(database, "doubtful-locations", city.plan)
    assert column(found, "uid", "doubt") == {
        ("S1", "swapped"),
        ("S2", "ambiguous"),
        ("S3", "stated_elsewhere"),
    }


def test_a_ring_counts_by_kind_and_names_the_nearest(database: Database, city: City) -> None:
    with database.operating() as session:
        hospital = Receptor(
            uid="R2",
            name="示例医院",
            kind="医院",
            location="given",
            grid_path=["CITY", "WEST", "T1"],
            geometry=shape(point(2.1, 5)),
        )
        session.add(hospital)
        session.flush()
        session.add(
            Surrounding(
                source_id=city.sources["S1"],
                ring_m=500,
                kind="医院",
                count=3,
                nearest_id=hospital.id,
                distance_m=100.0,
                bearing_deg=90.0,
            )
        )
    (ring,) = rows(database, "surroundings", city.plan)
    assert (ring["receptors"], ring["by_kind"]) == (4, "医院 3、学校 1")
    assert (ring["nearest_name"], ring["nearest_kind"], ring["nearest_m"]) == ("示例医院", "医院", 100.0)


@pytest.mark.parametrize("radius_m", [500, 5000])
def test_a_ring_is_a_circle_on_the_ellipsoid(database: Database, city: City, radius_m: int) -> None:
    with database.operating() as session:
        session.execute(update(Surrounding).values(ring_m=radius_m))
    (found,) = rows(database, "surroundings", city.plan)
    corners = shapely.get_coordinates(to_shape(found["geometry"]))
    centre = point(2, 5)
    many = len(corners)
    _, _, distances = Geod(ellps="GRS80").inv(
        np.full(many, centre.x), np.full(many, centre.y), corners[:, 0], corners[:, 1]
    )
    assert np.abs(distances / radius_m - 1).max() < 0.0004
    assert many > 60


def test_a_ring_that_reaches_into_a_box_is_found_from_there(database: Database, city: City) -> None:
    """Its source lies outside the box."""
    layer = all_layers()["surroundings"]
    beside = point(2.45, 5)
    far = point(2 + 2 * layer.reach_m * 2 / 1000, 5)
    with database.operating() as session:
        for place, expected in ((beside, 1), (far, 0)):
            box = func.ST_MakeEnvelope(place.x, place.y, place.x + 1e-4, place.y + 1e-4, 4490)
            assert len(session.execute(layer.near(box)).all()) == expected
    assert layer.reach_m / METRES_A_DEGREE < 0.2


def test_work_is_weighted_by_class_and_shared_by_those_in_post(database: Database, city: City) -> None:
    found = rows(database, "workload", city.plan)
    assert column(found, "uid", "sources", "a", "b", "c", "weighted", "officers") == {
        ("CITY", 4, 1, 1, 2, 11, 2),
        ("WEST", 2, 0, 1, 1, 6, 2),
        ("EAST", 2, 1, 0, 1, 5, 0),
        ("T1", 1, 0, 0, 1, 4, 2),
        ("T2", 1, 0, 1, 0, 2, 0),
        ("T3", 1, 1, 0, 0, 1, 0),
    }
    assert column(found, "uid", "weighted_per_officer") >= {("CITY", 5.5), ("EAST", None), ("T1", 2.0)}
    assert {row["uid"] for row in found if row["is_finest"]} == {"T1", "T2", "T3"}


def test_a_neighbour_does_not_seem_to_have_no_sources(database: Database, city: City) -> None:
    """Row security hides its sources, so its grids must be hidden too."""
    found = rows(database, "workload", city.plan, who="west")
    assert column(found, "uid", "sources") == {("WEST", 2), ("T1", 1), ("T2", 1)}


def test_key_grids_name_their_owner(database: Database, city: City) -> None:
    (key,) = rows(database, "key-grids", city.plan, who=None)
    assert (key["name"], key["owner_name"], key["supervising_level"]) == ("化工片区", "示例市", 1)


def test_grids_carry_the_names_of_their_levels(database: Database, city: City) -> None:
    found = rows(database, "grids", city.plan, who=None)
    assert column(found, "uid", "level", "level_name", "parent_name") == {
        ("CITY", 1, "一级网格", None),
        ("WEST", 2, "二级网格", "示例市"),
        ("EAST", 2, "二级网格", "示例市"),
        ("T1", 3, "三级网格", "西县"),
        ("T2", 3, "三级网格", "西县"),
        ("T3", 3, "三级网格", "东县"),
    }


def test_visitors_see_no_grid_of_a_draft(database: Database, city: City) -> None:
    assert rows(database, "grids", city.draft, who=None) == []
    assert len(rows(database, "grids", city.draft, who="planner")) == 6
