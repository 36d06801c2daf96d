"""The CRS of a level of polygons, from how it fills a level whose CRS is known."""

import numpy as np
import pytest
import shapely

from gisgrid.crs import CrsStatus, detect_polygons, geometries_from_lonlat

from .places import DENVER, PANJIN, PARIS


def detect(place, crs, *, declared=None, by_format=False, cells=None):
    raw = geometries_from_lonlat(place.cells if cells is None else cells, crs)
    return detect_polygons(raw, place.region, declared=declared, by_format=by_format)


@pytest.mark.parametrize(
    "crs",
    [
        "gcj02",
        "bd09+swapped",
        "EPSG:4490",
        "EPSG:4550",
        "EPSG:4550+swapped",
        "EPSG:4529",
        "EPSG:4549",  # the neighbouring zone
        "EPSG:2386",  # Xian 1980, 2 m away
        "EPSG:2438",  # Beijing 1954
        "EPSG:32651",
        "EPSG:32651+prefixed",
        "EPSG:3857",
    ],
)
def test_a_level_that_tiles_its_parent_tells_its_crs(crs):
    verdict = detect(PANJIN, crs)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, crs)
    assert verdict.candidates[0].inside > 0.9999
    assert verdict.candidates[0].stated is None


@pytest.mark.parametrize(
    ("place", "crs"),
    [(DENVER, "EPSG:2232"), (PARIS, "EPSG:2154"), (PARIS, "EPSG:32631"), (PARIS, "EPSG:23031")],
)
def test_other_countries_have_their_own_planes(place, crs):
    assert detect(place, crs).crs == crs


def test_a_level_that_fills_a_part_of_its_parent_tells_its_crs_by_the_common_boundary():
    assert detect(PANJIN, "gcj02", cells=PANJIN.cells[:8]).crs == "gcj02"


def test_gaps_and_protrusions_do_not_hide_the_crs():
    stray = shapely.box(121.55, 40.9, 121.6, 40.95)
    verdict = detect(PANJIN, "gcj02", cells=np.append(np.delete(PANJIN.cells, [3, 20, 47]), stray))
    assert verdict.crs == "gcj02"


def test_a_polygon_in_swapped_degrees_does_not_hide_the_crs_of_the_others():
    raw = geometries_from_lonlat(PANJIN.cells, "gcj02")
    raw[5] = shapely.transform(raw[5], lambda vertices: vertices[:, ::-1])
    verdict = detect_polygons(raw, PANJIN.region, declared=None, by_format=False)
    assert verdict.crs == "gcj02"


def test_coordinates_rounded_to_a_metre_still_tell_a_datum_two_metres_away():
    raw = shapely.set_precision(geometries_from_lonlat(PANJIN.cells, "EPSG:4550"), 0.5)
    assert detect_polygons(raw, PANJIN.region, declared=None, by_format=False).crs == "EPSG:4550"


def test_grids_inside_that_touch_no_boundary_decide_nothing():
    verdict = detect(PANJIN, "gcj02", cells=PANJIN.cells[[10, 11, 18, 19]])
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)
    assert {"EPSG:4490", "gcj02", "bd09"} == {each.crs for each in verdict.candidates}


def test_a_suspect_declaration_is_overruled():
    verdict = detect(PANJIN, "gcj02", declared="EPSG:4326", by_format=True)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "gcj02")
    assert "对称差为 0.000 km²" in verdict.evidence.zh


def test_a_suspect_declaration_that_nothing_contradicts_is_used_but_unresolved():
    verdict = detect(PANJIN, "EPSG:4326", declared="EPSG:4326", by_format=True, cells=PANJIN.cells[[10, 11]])
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, "EPSG:4326")


def test_a_files_own_declaration_stands_but_a_better_reading_is_named():
    verdict = detect(PANJIN, "gcj02", declared="EPSG:4490")
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, "EPSG:4490")
    assert "GCJ-02 fits clearly better" in verdict.evidence.en


def test_a_declared_plane_that_reaches_the_reference_is_believed():
    verdict = detect(PANJIN, "EPSG:4550", declared="EPSG:4550")
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, "EPSG:4550")


def test_a_declared_plane_that_misses_the_reference_is_warned_of():
    verdict = detect(PANJIN, "EPSG:4550", declared="EPSG:3857")
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, "EPSG:3857")
    assert "nothing where it must lie" in verdict.evidence.en
    assert verdict.candidates[0].crs == "EPSG:4550"


def test_another_citys_grids_fit_nothing():
    raw = geometries_from_lonlat(PARIS.cells, "EPSG:4326")
    verdict = detect_polygons(raw, PANJIN.region, declared=None, by_format=False)
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)


@pytest.mark.parametrize(
    "raw", [np.array([], dtype=object), np.array([None]), shapely.points([[122.0, 41.0]])]
)
def test_what_has_no_area_decides_nothing(raw):
    verdict = detect_polygons(raw, PANJIN.region, declared=None, by_format=False)
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)


def test_overlapping_polygons_are_united_before_they_are_compared():
    assert detect(PANJIN, "gcj02", cells=np.concatenate([PANJIN.cells, PANJIN.cells[:9]])).crs == "gcj02"
