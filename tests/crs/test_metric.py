"""The plane to measure in."""

import numpy as np
import pytest
from pyproj import CRS

from gisgrid.crs import metric_crs, metric_crs_each, metric_crs_of


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (122.07, 41.12, "EPSG:4550"),  # Panjin
        (121.49, 31.2, "EPSG:4549"),  # Shanghai, just west of 121.5
        (75.99, 39.47, "EPSG:4534"),  # Kashgar
        (134.3, 48.0, "EPSG:4554"),  # Fuyuan
        (121.0, 23.5, "EPSG:4549"),  # Taiwan
        (112.33, 16.83, "EPSG:4546"),  # Sansha
        (126.98, 37.57, "EPSG:32652"),  # Seoul, north of no zone of China's
        (2.35, 48.86, "EPSG:32631"),
        (-104.99, 39.74, "EPSG:32613"),
        (-70.0, -33.0, "EPSG:32719"),
        (0.0, 89.0, "EPSG:32661"),
        (0.0, -85.0, "EPSG:32761"),
        (180.0, 0.0, "EPSG:32601"),
        (190.0, 60.0, "EPSG:32602"),
    ],
)
def test_each_place_has_its_plane(lon, lat, code):
    assert metric_crs(lon, lat) == code


def test_every_chinese_zone_is_centred_within_one_and_a_half_degrees():
    lon = np.arange(74.0, 134.7, 0.01)
    codes = metric_crs_each(lon, np.full(lon.shape, 41.0))
    for code in set(codes[np.char.startswith(codes, "EPSG:45")]):
        operation = CRS.from_user_input(str(code)).coordinate_operation
        meridian = next(each.value for each in operation.params if each.name == "Longitude of natural origin")
        assert np.abs(lon[codes == code] - meridian).max() <= 1.5 + 1e-9


def test_bounds_are_judged_by_their_middle():
    assert metric_crs_of((121.5, 40.6, 122.5, 41.5)) == "EPSG:4550"


def test_bounds_across_the_date_line_stay_there():
    assert metric_crs_of((179.0, -19.0, -177.0, -16.0)) == "EPSG:32701"


def test_a_position_that_is_none_is_refused():
    with pytest.raises(ValueError, match="finite"):
        metric_crs(float("nan"), 41.0)
