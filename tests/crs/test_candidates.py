"""The ways to read coordinates, and which come to the same."""

import numpy as np
import pytest

from gisgrid.crs import from_lonlat
from gisgrid.crs.candidates import (
    SAME_PLACE_M,
    apart_m,
    are_degrees,
    distances_m,
    is_obsolete,
    plausible,
    preference,
    readings,
)

from .places import PANJIN, PARIS

NOWHERE = np.array([np.nan])


def test_degrees_are_known_in_either_order_and_metres_are_not_degrees():
    assert are_degrees(PANJIN.lon, PANJIN.lat)
    assert are_degrees(PANJIN.lat, PANJIN.lon)
    assert not are_degrees(PANJIN.lon * 4000, PANJIN.lat * 100_000)


def test_a_few_dirty_rows_do_not_turn_degrees_into_metres():
    x = PANJIN.lon.copy()
    x[:500] = 400_000.0
    assert are_degrees(x, PANJIN.lat)


def test_every_projected_crs_of_the_place_is_read_in_both_orders():
    x, y = from_lonlat(PANJIN.lon, PANJIN.lat, "EPSG:4550")
    names = readings(x, y, PANJIN.region.bounds, None)
    for code in ("EPSG:4550", "EPSG:4510", "EPSG:4529", "EPSG:2386", "EPSG:2438", "EPSG:32651", "EPSG:3857"):
        assert code in names
        assert f"{code}+swapped" in names
    assert not any(name.startswith("IAU") or "+prefixed" in name for name in names)


def test_prefixed_eastings_are_tried_where_the_numbers_begin_with_the_zone():
    x, y = from_lonlat(PANJIN.lon, PANJIN.lat, "EPSG:32651+prefixed")
    names = readings(x, y, PANJIN.region.bounds, None)
    assert "EPSG:32651+prefixed" in names
    assert "EPSG:4550+prefixed" not in names  # zone 41


def test_the_declared_name_is_read_first():
    assert readings(PARIS.lon, PARIS.lat, PARIS.region.bounds, "4269")[0] == "EPSG:4269"


def test_merged_readings_lie_within_a_metre_of_their_representative():
    x, y = from_lonlat(PARIS.lon, PARIS.lat, "EPSG:32231")
    names = readings(x, y, PARIS.region.bounds, None)
    placements = plausible(names, x, y, PARIS.region.bounds)
    alone = {
        name: plausible([name], x, y, PARIS.region.bounds)[0] for each in placements for name in each.same_as
    }
    for each in placements:
        for name in each.same_as:
            assert apart_m(each, alone[name]) <= SAME_PLACE_M
        assert each.spread_m <= 2 * SAME_PLACE_M
    for one in placements:
        for other in placements:
            assert one is other or apart_m(one, other) > SAME_PLACE_M


def test_the_spread_is_the_largest_distance_between_the_merged():
    x, y = from_lonlat([2.3, 2.35, 2.4], [48.8, 48.85, 48.9], "EPSG:32231")
    names = ["EPSG:32231", "IGNF:UTM31W72"]  # two sets of parameters for one datum
    merged = plausible(names, x, y, PARIS.region.bounds)
    apart = [plausible([name], x, y, PARIS.region.bounds)[0] for name in names]
    assert len(merged) == 1
    assert merged[0].spread_m == pytest.approx(apart_m(*apart))
    assert 0.1 < merged[0].spread_m < 1.0


def test_readings_that_miss_the_place_are_left_out_except_the_one_to_keep():
    x, y = from_lonlat(PANJIN.lon, PANJIN.lat, "EPSG:4550")
    names = ["EPSG:4550", "EPSG:4549", "EPSG:3857"]
    bounds = PANJIN.region.bounds
    assert [each.name for each in plausible(names, x, y, bounds)] == ["EPSG:4550"]
    assert {each.name for each in plausible(names, x, y, bounds, keep="EPSG:3857")} == {
        "EPSG:4550",
        "EPSG:3857",
    }


def test_a_reading_that_proj_cannot_compute_is_passed_over():
    assert plausible(["EPSG:32600"], PANJIN.lon, PANJIN.lat, PANJIN.region.bounds) == []


@pytest.mark.parametrize(
    ("preferred", "other"),
    [
        ("EPSG:4490", "EPSG:4326"),
        ("EPSG:4550", "EPSG:4510"),  # 3-degree zones are the statutory ones
        ("EPSG:4550", "EPSG:32651"),
        ("EPSG:32651", "EPSG:2386"),
        ("EPSG:2386", "EPSG:2438"),
        ("EPSG:2438", "EPSG:4798"),
        ("EPSG:4529", "EPSG:4550+prefixed"),
        ("EPSG:3857", "IGNF:WGS84WMSV"),
        ("EPSG:2154", "EPSG:9794"),
        ("EPSG:2438", "EPSG:32251"),
    ],
)
def test_the_statutory_and_simpler_name_is_preferred(preferred, other):
    assert preference(preferred) < preference(other)
    assert preference(other, declared=other) < preference(preferred, declared=other)


def test_retired_datums_are_known_under_every_authority():
    assert [
        is_obsolete(name) for name in ("EPSG:32251", "IGNF:UTM31W72", "ESRI:53004", "EPSG:32651", "gcj02")
    ] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_distances_are_metres():
    one = np.array([0.0]), np.array([60.0])
    assert distances_m(*one, np.array([0.01]), np.array([60.0]))[0] == pytest.approx(557.8, rel=0.01)
    assert distances_m(*one, np.array([0.0]), np.array([60.01]))[0] == pytest.approx(1114.1, rel=0.01)
    assert np.isnan(distances_m(*one, NOWHERE, NOWHERE)[0])
