"""Names of CRS, and the way to lon/lat and back."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from pyproj.network import is_network_enabled

from gisgrid.crs import (
    accuracy_m,
    from_lonlat,
    geometries_from_lonlat,
    geometries_to_lonlat,
    normalise,
    title,
    to_lonlat,
)
from gisgrid.errors import UnknownCrs

PANJIN = (121.5, 40.6, 122.5, 41.5)


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("4550", "EPSG:4550"),
        ("epsg:4550", "EPSG:4550"),
        (" EPSG 4550 ", "EPSG:4550"),
        ("urn:ogc:def:crs:EPSG::4550", "EPSG:4550"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("WGS 84", "EPSG:4326"),
        ("wgs84", "EPSG:4326"),
        ("CGCS2000", "EPSG:4490"),
        ("GCJ-02", "gcj02"),
        ("火星坐标系", "gcj02"),
        ("BD09", "bd09"),
        ("bd-09 + Swapped", "bd09+swapped"),
        ("32651+swapped+prefixed", "EPSG:32651+prefixed+swapped"),
        ("esri:102012", "ESRI:102012"),
        ("900913", "EPSG:3857"),
        ("EPSG:4979", "EPSG:4326"),  # its horizontal part
        (CRS.from_epsg(4550).to_wkt("WKT1_ESRI"), "EPSG:4550"),
        (CRS.from_epsg(2232).to_wkt(), "EPSG:2232"),
        (
            'GEOGCS["GCJ-02",DATUM["GCJ",SPHEROID["K",6378245,298.3]],PRIMEM["G",0],UNIT["d",0.01745329]]',
            "gcj02",
        ),
    ],
)
def test_one_spelling_for_every_name(given_name, name):
    assert normalise(given_name) == name
    assert normalise(name) == name


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "nonsense",
        "EPSG:",
        "EPSG:1",
        "-1",
        "9" * 30,
        "+swapped",
        "gcj02+prefixed",  # degrees have no zone
        "EPSG:4978",  # geocentric
        "EPSG:5773",  # heights
        "IAU_2015:30110",  # the Moon
        "EPSG:32600",  # PROJ cannot compute it
        "EPSG:4326\0",
        "x" * 50_000,
        'LOCAL_CS["a site plan",UNIT["metre",1]]',
    ],
)
def test_nonsense_is_refused_and_says_what_to_write(nonsense):
    with pytest.raises(UnknownCrs) as refused:
        normalise(nonsense)
    assert "EPSG:4550" in refused.value.todo.zh
    assert "gcj02" in refused.value.todo.en
    assert len(str(refused.value)) < 1500


def test_a_definition_that_names_a_file_of_the_server_is_refused():
    with pytest.raises(UnknownCrs):
        normalise("+proj=longlat +ellps=WGS84 +nadgrids=/etc/passwd +no_defs")


def test_a_wkt_without_a_code_is_used_as_it_is():
    own = CRS.from_proj4(
        "+proj=tmerc +lat_0=0 +lon_0=122.2 +x_0=50000 +ellps=GRS80 +units=m +no_defs"
    ).to_wkt()
    lon, lat = to_lonlat(50_000.0, 4_500_000.0, own)
    assert lon == pytest.approx(122.2)
    assert 40 < lat < 41


def test_no_grid_is_ever_fetched():
    assert not is_network_enabled()


def test_the_first_coordinate_is_the_easting_whatever_the_authority_says():
    x, y = from_lonlat(122.0, 41.0, "EPSG:4550")
    assert (float(x), float(y)) == pytest.approx((415_864.211, 4_541_055.011), abs=1e-3)


def test_swapped_exchanges_the_files_coordinates():
    x, y = from_lonlat(122.0, 41.0, "EPSG:4550")
    assert to_lonlat(y, x, "EPSG:4550+swapped") == to_lonlat(x, y, "EPSG:4550")


def test_a_prefixed_easting_is_the_code_that_has_the_prefix_built_in():
    x, y = from_lonlat(122.0, 41.0, "EPSG:4550+prefixed")
    assert (float(x), float(y)) == pytest.approx(tuple(map(float, from_lonlat(122.0, 41.0, "EPSG:4529"))))
    assert float(from_lonlat(122.0, 41.0, "EPSG:32651+prefixed")[0]) // 1e6 == 51


def test_a_prefix_of_another_zone_places_nothing():
    assert np.isnan(to_lonlat(40_415_864.0, 4_541_055.0, "EPSG:4550+prefixed")).all()


def test_feet_are_feet():
    x, _ = from_lonlat(-104.99, 39.74, "EPSG:2232")
    metres, _ = Transformer.from_crs(4326, 26954, always_xy=True).transform(-104.99, 39.74)
    assert float(x) == pytest.approx(metres * 3937 / 1200, abs=0.01)


def test_a_datum_shift_is_not_lost_on_the_way_to_cgcs2000():
    # Amersfoort: 110 m; PROJ's direct transformation to EPSG:4490 has none.
    expected = Transformer.from_crs(28992, 4326, always_xy=True).transform(100_000, 450_000)
    assert tuple(map(float, to_lonlat(100_000, 450_000, "EPSG:28992"))) == pytest.approx(expected, abs=1e-9)


def test_what_has_no_position_is_nan_in_both():
    lon, lat = to_lonlat([np.nan, np.inf, 1e30, 415_864.0], [4.5e6, 4.5e6, 1e30, 4_541_055.0], "EPSG:4550")
    assert np.isnan(lon[:3]).all()
    assert np.isnan(lat[:3]).all()
    assert np.isfinite([lon[3], lat[3]]).all()


def test_degrees_off_the_earth_are_nan():
    lon, lat = to_lonlat([122.0, 200.0, 122.0], [41.0, 41.0, 95.0], "EPSG:4490")
    assert np.isnan(lon).tolist() == np.isnan(lat).tolist() == [False, True, True]


@given(
    st.sampled_from(
        ["gcj02", "bd09+swapped", "EPSG:4550", "EPSG:2386", "EPSG:32651+prefixed", "EPSG:3857+swapped"]
    ),
    st.floats(121.0, 123.0),
    st.floats(40.0, 42.0),
)
def test_there_and_back_is_the_same_place(crs, lon, lat):
    back = to_lonlat(*from_lonlat(lon, lat, crs), crs)
    np.testing.assert_allclose(back, (lon, lat), rtol=0, atol=1e-10)


def test_geometries_keep_their_shape_and_none_stays_none():
    shapes = np.array([shapely.box(122, 41, 122.1, 41.1), None, shapely.Point(122, 41)])
    moved = geometries_from_lonlat(shapes, "EPSG:4550+swapped")
    back = geometries_to_lonlat(moved, "EPSG:4550+swapped")
    assert back[1] is None
    assert shapely.equals_exact(back[[0, 2]], shapes[[0, 2]], tolerance=1e-9).all()


def test_accuracy_is_unknown_where_proj_has_no_transformation():
    assert accuracy_m("EPSG:2386", PANJIN) is None  # Xian 1980
    assert accuracy_m("gcj02", PANJIN) == 0.0
    assert accuracy_m("EPSG:4550", PANJIN) == 1.0
    assert accuracy_m("EPSG:32251", PANJIN) == 2.0  # WGS 72


def test_a_title_names_the_system_in_both_languages():
    assert title("EPSG:4550+swapped").zh == "EPSG:4550 (CGCS2000 / 3-degree Gauss-Kruger CM 123E)，两轴对调"
    assert title("EPSG:4550+swapped").en.endswith("with swapped axes")
    assert title("gcj02") == ("GCJ-02", "GCJ-02")
