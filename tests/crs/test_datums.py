"""GCJ-02 and BD-09 against published pairs, and the laws that their inverses keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.crs import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

# Well inside the box, whose edges no shift is continuous across.
chinese_lon = st.floats(72.1, 137.7)
chinese_lat = st.floats(0.9, 55.7)
MICROMETRE_DEG = 1e-11  # degrees


# eviltransform's own test cases: Shanghai, Shenzhen, Beijing.
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_equals_the_published_pairs(wgs84, gcj02):
    np.testing.assert_allclose(wgs84_to_gcj02(*wgs84), gcj02, rtol=0, atol=1e-9)


def test_bd09_equals_the_published_pair():
    # coordtransform's README: bd09 (116.404, 39.915) is gcj02 (116.39762729119315, 39.90865673957631) by its
    # one-step inverse, which is good to a few metres.
    np.testing.assert_allclose(
        bd09_to_gcj02(116.404, 39.915), (116.39762729119315, 39.90865673957631), rtol=0, atol=5e-6
    )
    np.testing.assert_allclose(
        gcj02_to_bd09(116.404, 39.915), (116.41036949371029, 39.92133699351021), rtol=0, atol=1e-9
    )


@given(chinese_lon, chinese_lat)
def test_gcj02_there_and_back_is_the_same_place(lon, lat):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    np.testing.assert_allclose(back, (lon, lat), rtol=0, atol=MICROMETRE_DEG)


@given(chinese_lon, chinese_lat)
def test_gcj02_back_and_there_is_the_same_place(lon, lat):
    there = wgs84_to_gcj02(*gcj02_to_wgs84(lon, lat))
    np.testing.assert_allclose(there, (lon, lat), rtol=0, atol=MICROMETRE_DEG)


@given(chinese_lon, chinese_lat)
def test_bd09_there_and_back_is_the_same_place(lon, lat):
    np.testing.assert_allclose(
        bd09_to_gcj02(*gcj02_to_bd09(lon, lat)), (lon, lat), rtol=0, atol=MICROMETRE_DEG
    )
    np.testing.assert_allclose(
        bd09_to_wgs84(*wgs84_to_bd09(lon, lat)), (lon, lat), rtol=0, atol=MICROMETRE_DEG
    )


@given(st.floats(-180, 70), st.floats(-90, 90))
def test_outside_china_every_shift_is_the_identity(lon, lat):
    for shift in (wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02):
        assert shift(lon, lat) == (lon, lat)


def test_a_position_just_inside_the_box_comes_back_to_itself():
    edge = np.array([72.0041, 137.8346]), np.array([30.0, 30.0])
    np.testing.assert_allclose(gcj02_to_wgs84(*wgs84_to_gcj02(*edge)), edge, rtol=0, atol=MICROMETRE_DEG)


def test_rubbish_stays_rubbish_and_disturbs_no_other_row():
    lon, lat = gcj02_to_wgs84([122.0, np.nan, np.inf, 1e300], [41.0, 41.0, 0.0, 1e300])
    alone = gcj02_to_wgs84(122.0, 41.0)
    assert (lon[0], lat[0]) == (float(alone[0]), float(alone[1]))
    assert np.isnan(lon[1:3]).all()
    assert lon[3] == 1e300


def test_the_arrays_given_are_not_changed():
    lon, lat = np.array([122.0]), np.array([41.0])
    gcj02_to_bd09(lon, lat)
    assert (lon[0], lat[0]) == (122.0, 41.0)
