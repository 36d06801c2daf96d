"""The CRS of points, from where they fall."""

import numpy as np
import pytest
import shapely

from gisgrid.crs import CrsStatus, detect_points, from_lonlat
from gisgrid.errors import UnknownCrs

from .places import DENVER, PANJIN, PARIS


def detect(place, crs, *, declared=None, by_format=False, stated=True, rows=slice(None)):
    x, y = from_lonlat(place.lon[rows], place.lat[rows], crs)
    polygons = place.stated[rows] if stated else None
    return detect_points(x, y, place.region, declared=declared, by_format=by_format, stated=polygons)


@pytest.mark.parametrize("crs", ["EPSG:4490", "gcj02", "bd09"])
@pytest.mark.parametrize("order", ["", "+swapped"])
def test_shifted_degrees_are_told_apart_by_the_stated_grids(crs, order):
    verdict = detect(PANJIN, crs + order)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, crs + order)


def test_shifted_degrees_are_told_apart_by_the_region_where_enough_points_lie_at_its_edge():
    verdict = detect(PANJIN, "bd09", stated=False)
    assert verdict.crs == "bd09"
    assert verdict.candidates[0].stated is None


@pytest.mark.parametrize(
    "crs", ["EPSG:3857", "EPSG:3857+swapped", "EPSG:32651+prefixed", "EPSG:2438", "EPSG:21461+swapped"]
)
def test_a_plane_is_told_by_where_it_puts_the_points(crs):
    verdict = detect(PANJIN, crs)
    best = verdict.candidates[0]
    assert verdict.status is CrsStatus.DETECTED
    assert crs in (best.crs, *best.same_as)
    assert best.inside == best.stated == 1.0


@pytest.mark.parametrize(
    ("place", "crs"),
    [
        (DENVER, "EPSG:2232"),
        (DENVER, "EPSG:26713"),
        (DENVER, "EPSG:32613"),
        (PARIS, "EPSG:2154"),
        (PARIS, "EPSG:27572"),
    ],
)
def test_other_countries_have_their_own_planes(place, crs):
    verdict = detect(place, crs)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, crs)


def test_the_neighbouring_zones_plane_is_tried_too():
    verdict = detect(PANJIN, "EPSG:4549")  # its area of use ends at 121.5° E, 10 km west of the region
    assert verdict.candidates[0].crs == "EPSG:4549"


def test_names_that_give_the_same_place_are_one_candidate():
    best = detect(PANJIN, "EPSG:4550").candidates[0]
    assert best.crs == "EPSG:4550"
    assert "EPSG:4510" in best.same_as
    assert best.spread_m < 0.01
    degrees = detect(PANJIN, "EPSG:4490").candidates[0]
    assert (degrees.crs, degrees.same_as) == ("EPSG:4490", ("EPSG:4326",))


def test_a_datum_without_a_known_transformation_does_not_hold_up_the_verdict_but_is_named():
    verdict = detect(PANJIN, "EPSG:4550")  # Xian 1980 puts every point 2 m away, as far as PROJ knows
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:4550")
    assert {"EPSG:4550", "EPSG:2386"} <= {each.crs for each in verdict.candidates}
    assert "EPSG:2386" in verdict.evidence.zh
    assert "100 m" in verdict.evidence.en


def test_a_datum_out_of_use_does_not_hold_up_the_verdict_but_is_named():
    verdict = detect(DENVER, "EPSG:32613")
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:32613")
    assert "EPSG:32213" in verdict.evidence.en  # WGS 72, 14 m away
    assert "EPSG:32213" in {each.crs for each in verdict.candidates}


def test_readings_within_projs_own_accuracy_do_not_hold_up_the_verdict():
    verdict = detect(DENVER, "EPSG:2232")
    assert verdict.crs == "EPSG:2232"
    assert "EPSG:2877" in verdict.evidence.en  # NAD83(HARN), 1.1 m away


def test_too_few_points_decide_nothing_between_datums():
    verdict = detect(PANJIN, "gcj02", rows=slice(0, 5))
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)
    assert {each.crs for each in verdict.candidates} == {"EPSG:4490", "gcj02", "bd09"}


def test_one_point_can_tell_a_plane_that_alone_reaches_the_region():
    verdict = detect(PARIS, "EPSG:2154", rows=slice(100, 101))
    assert verdict.crs == "EPSG:2154"


def test_many_firms_on_one_spot_are_one_piece_of_evidence():
    # The stated grid is so small that only GCJ-02 puts this spot into it.
    cell = shapely.box(121.999, 40.999, 122.001, 41.001)
    x, y = (np.full(300, float(each)) for each in from_lonlat(122.0, 41.0, "gcj02"))
    verdict = detect_points(
        x, y, PANJIN.region, declared=None, by_format=False, stated=np.full(300, cell, dtype=object)
    )
    assert [each.stated for each in verdict.candidates] == [1.0, 0.0, 0.0]
    assert verdict.status is CrsStatus.UNRESOLVED


@pytest.mark.filterwarnings("error")
def test_dirty_rows_do_not_spoil_the_verdict():
    x, y = from_lonlat(PANJIN.lon, PANJIN.lat, "gcj02")
    x[:240], y[:240] = y[:240].copy(), x[:240].copy()
    x[240:260], y[240:260] = 0.0, 0.0
    x[260:280] = np.nan
    y[280:300] = np.inf
    x[300:320] = 1e30
    x[320:400], y[320:400] = 500_000.0, 4_500_000.0
    verdict = detect_points(x, y, PANJIN.region, declared=None, by_format=False, stated=PANJIN.stated)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "gcj02")


def test_the_order_of_rows_does_not_matter():
    x, y = from_lonlat(PANJIN.lon, PANJIN.lat, "gcj02")
    order = np.random.default_rng(1).permutation(x.size)
    straight = detect_points(x, y, PANJIN.region, declared=None, by_format=False, stated=PANJIN.stated)
    mixed = detect_points(
        x[order], y[order], PANJIN.region, declared=None, by_format=False, stated=PANJIN.stated[order]
    )
    assert mixed.crs == straight.crs
    assert [each.stated for each in mixed.candidates] == [each.stated for each in straight.candidates]


def test_a_plane_of_ones_own_is_not_taken_for_one_of_projs():
    # A city's own system: 60 km west of the national one, whose zone then covers the region in part.
    x, y = from_lonlat(PANJIN.lon, PANJIN.lat, "EPSG:4550")
    verdict = detect_points(
        x - 60_000, y, PANJIN.region, declared=None, by_format=False, stated=PANJIN.stated
    )
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)


def test_a_suspect_declaration_that_the_evidence_contradicts_is_overruled():
    verdict = detect(PANJIN, "gcj02", declared="EPSG:4326", by_format=True)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "gcj02")


def test_a_suspect_declaration_that_the_evidence_confirms_is_detected_under_its_own_name():
    verdict = detect(PANJIN, "EPSG:4326", declared="EPSG:4326", by_format=True)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:4326")


def test_a_suspect_declaration_that_nothing_contradicts_is_used_but_unresolved():
    verdict = detect(PANJIN, "EPSG:4326", declared="EPSG:4326", by_format=True, rows=slice(0, 5))
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, "EPSG:4326")


def test_a_suspect_declaration_that_is_impossible_is_not_used():
    verdict = detect(PANJIN, "EPSG:4550", declared="EPSG:4326", by_format=True)
    assert verdict.crs == "EPSG:4550"


def test_metres_in_a_format_of_degrees_are_recognised():
    verdict = detect(PARIS, "EPSG:2154", declared="EPSG:4326", by_format=True)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:2154")


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4550", "EPSG:2232"])
def test_a_files_own_declaration_stands(crs):
    place = DENVER if crs == "EPSG:2232" else PANJIN
    verdict = detect(place, crs, declared=crs)
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, crs)
    assert verdict.candidates[0].inside == 1.0


def test_a_files_own_declaration_stands_but_a_better_reading_is_named():
    verdict = detect(PANJIN, "gcj02", declared="EPSG:4326")
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, "EPSG:4326")
    assert "但 GCJ-02明显更吻合" in verdict.evidence.zh


def test_a_declaration_that_puts_nothing_in_the_region_is_warned_of():
    verdict = detect(PARIS, "EPSG:2154", declared="EPSG:32631")
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, "EPSG:32631")
    assert "nothing where it must lie" in verdict.evidence.en
    assert verdict.candidates[0].crs == "EPSG:2154"


def test_points_that_fall_nowhere_are_unresolved_without_candidates():
    verdict = detect_points(PARIS.lon, PARIS.lat, PANJIN.region, declared=None, by_format=False, stated=None)
    assert (verdict.status, verdict.crs, verdict.candidates) == (CrsStatus.UNRESOLVED, None, ())


def test_outside_china_there_are_no_shifted_datums():
    verdict = detect(PARIS, "EPSG:4326", stated=False, rows=slice(0, 5))
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:4490")
    assert len(verdict.candidates) == 1


@pytest.mark.parametrize("region", [None, shapely.Polygon()])
def test_with_nothing_to_compare_a_declaration_is_believed(region):
    x = np.array([122.0])
    believed = detect_points(x, x, region, declared="EPSG:4326", by_format=True)
    assert (believed.status, believed.crs) == (CrsStatus.BY_FORMAT, "EPSG:4326")
    assert detect_points(x, x, region, declared="4326", by_format=False).status is CrsStatus.DECLARED
    assert detect_points(x, x, region, declared=None, by_format=False).crs is None


def test_rows_without_coordinates_are_no_evidence():
    nothing = np.full(3, np.nan)
    verdict = detect_points(nothing, nothing, PANJIN.region, declared=None, by_format=False)
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)


def test_a_declaration_that_is_nonsense_is_an_error():
    with pytest.raises(UnknownCrs):
        detect(PANJIN, "gcj02", declared="EPSG:1")


def test_the_evidence_is_a_sentence_with_numbers():
    verdict = detect(PANJIN, "gcj02")
    plain = round(verdict.candidates[1].stated * 1200)
    assert verdict.evidence.zh.startswith(
        f"在 3 种可能中，GCJ-02使 1,200/1,200 个点落入其所填网格，EPSG:4490 (CGCS2000)使 {plain:,}/1,200 个点"
    )
    assert verdict.evidence.en.startswith("Of 3 readings, GCJ-02 puts 1,200 of 1,200 points into the grid")
