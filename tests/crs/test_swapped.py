"""Rows whose longitude and latitude changed places."""

import numpy as np
import pytest
import shapely

from gisgrid.crs import find_swapped, from_lonlat, locate

PANJIN = shapely.box(121.5, 40.6, 122.5, 41.5)
# A region that meets its own mirror image: both orders of (30, 31) fall inside.
EGYPT = shapely.box(25.0, 22.0, 36.0, 32.0)


def test_a_row_is_swapped_if_only_the_other_order_is_inside():
    assert find_swapped([41.0, 122.0], [122.0, 41.0], PANJIN).tolist() == ["swapped", "given"]


def test_a_row_outside_in_both_orders_is_as_given():
    assert find_swapped([2.0, 121.0], [48.0, 41.0], PANJIN).tolist() == ["given", "given"]


def test_the_regions_boundary_counts_as_inside():
    assert find_swapped([40.6], [121.5], PANJIN).tolist() == ["swapped"]


def test_a_row_in_a_hole_of_the_region_is_not_swapped_into_it():
    ring = PANJIN.difference(shapely.box(121.9, 40.9, 122.1, 41.1))
    assert find_swapped([41.0], [122.0], ring).tolist() == ["given"]


def test_where_both_orders_fit_nothing_is_guessed():
    assert find_swapped([30.0], [31.0], EGYPT).tolist() == ["ambiguous"]


def test_where_both_orders_fit_the_stated_grid_decides():
    east, west = shapely.box(30.5, 29.0, 32.0, 30.5), shapely.box(29.0, 30.5, 30.5, 32.0)
    both = shapely.union(east, west)
    stated = np.array([east, west, both, shapely.box(0, 0, 1, 1), None], dtype=object)
    located = find_swapped(np.full(5, 30.0), np.full(5, 31.0), EGYPT, stated)
    assert located.tolist() == ["swapped", "given", "ambiguous", "ambiguous", "ambiguous"]


def test_two_equal_coordinates_are_as_given():
    assert find_swapped([30.0], [30.0], EGYPT).tolist() == ["given"]


def test_rows_without_a_position_are_as_given():
    assert find_swapped([np.nan, 41.0], [41.0, np.nan], PANJIN).tolist() == ["given", "given"]


@pytest.mark.parametrize(
    "crs", ["EPSG:4490", "gcj02", "bd09", "bd09+swapped", "EPSG:4550", "EPSG:4529+swapped"]
)
def test_a_swapped_row_is_put_where_it_is_in_its_own_datum(crs):
    x, y = (np.array([first, second]) for first, second in zip(*_places(crs), strict=True))
    located = locate(x, y, crs, PANJIN)
    assert located.location.tolist() == ["given", "swapped"]
    np.testing.assert_allclose(located.lon, 122.0, atol=1e-9)
    np.testing.assert_allclose(located.lat, 41.0, atol=1e-9)


def _places(crs):
    x, y = from_lonlat(122.0, 41.0, crs)
    return (float(x), float(y)), (float(y), float(x))


def test_an_ambiguous_row_keeps_its_given_position():
    located = locate([30.0], [31.0], "EPSG:4326", EGYPT)
    assert located.location.tolist() == ["ambiguous"]
    assert (located.lon[0], located.lat[0]) == (30.0, 31.0)


def test_the_stated_grid_decides_for_raw_coordinates_too():
    stated = np.array([shapely.box(30.5, 29.0, 32.0, 30.5)], dtype=object)
    located = locate([30.0], [31.0], "EPSG:4326", EGYPT, stated)
    assert (located.lon[0], located.lat[0], located.location[0]) == (31.0, 30.0, "swapped")


def test_without_a_region_nothing_is_looked_for():
    assert locate([41.0], [122.0], "EPSG:4550", None).location.tolist() == ["given"]
