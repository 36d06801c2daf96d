"""From fits to a verdict."""

import pytest
from pyproj import CRS

from gisgrid.crs import CrsStatus, from_lonlat, normalise
from gisgrid.crs.candidates import plausible
from gisgrid.crs.evidence import Fit, conclude
from gisgrid.text import Text

from .places import DENVER, PANJIN


def fits(place, raw_crs, scores, good=True):
    """One fit a score, out of 100; the sample is in `raw_crs`."""
    x, y = from_lonlat(place.lon[:50], place.lat[:50], raw_crs)
    made = []
    for name, score in scores.items():
        (placement,) = plausible([name], x, y, place.region.bounds)
        made.append(Fit(placement, score / 100, None, good, score, Text(f"得 {score}", f"scores {score}")))
    return sorted(made, key=lambda fit: -fit.measure)


def by_more_than_ten(one, other):
    return one.measure > other.measure + 10


@pytest.mark.parametrize(("best", "rival"), [(100, 80), (60, 49)])
def test_the_clear_winner_is_detected(best, rival):
    made = fits(PANJIN, "gcj02", {"gcj02": best, "EPSG:4490": rival})
    verdict = conclude(made, by_more_than_ten, PANJIN.region.bounds, None, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "gcj02")


def test_a_rival_that_scores_nearly_as_well_leaves_it_open():
    made = fits(PANJIN, "gcj02", {"gcj02": 100, "EPSG:4490": 95, "bd09": 60})
    verdict = conclude(made, by_more_than_ten, PANJIN.region.bounds, None, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)
    assert [each.crs for each in verdict.candidates] == ["gcj02", "EPSG:4490"]


def test_a_winner_that_fits_badly_is_not_accepted():
    made = fits(PANJIN, "gcj02", {"gcj02": 30, "EPSG:4490": 10}, good=False)
    verdict = conclude(made, by_more_than_ten, PANJIN.region.bounds, None, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.UNRESOLVED, None)
    assert "too poor" in verdict.evidence.en


def test_a_retired_datum_never_wins_by_a_hair():
    made = fits(DENVER, "EPSG:32613", {"EPSG:32213": 96, "EPSG:32613": 95})
    verdict = conclude(made, by_more_than_ten, DENVER.region.bounds, None, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:32613")


def test_a_retired_datum_wins_if_nothing_else_fits():
    made = fits(DENVER, "EPSG:32613", {"EPSG:32213": 96, "EPSG:32613": 40})
    verdict = conclude(made, by_more_than_ten, DENVER.region.bounds, None, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:32213")


def test_between_readings_within_projs_accuracy_the_preferred_name_wins():
    made = fits(DENVER, "EPSG:2232", {"EPSG:2877": 96, "EPSG:2232": 95})
    verdict = conclude(made, by_more_than_ten, DENVER.region.bounds, None, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:2232")


def test_a_datum_without_a_known_transformation_never_wins_over_one_with():
    made = fits(PANJIN, "EPSG:4550", {"EPSG:2386": 96, "EPSG:4550": 95})
    verdict = conclude(made, by_more_than_ten, PANJIN.region.bounds, None, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.DETECTED, "EPSG:4550")


def test_a_suspect_declaration_stands_only_while_it_is_not_beaten():
    near = fits(PANJIN, "gcj02", {"gcj02": 100, "EPSG:4326": 95})
    far = fits(PANJIN, "gcj02", {"gcj02": 100, "bd09": 95, "EPSG:4326": 50})
    bounds = PANJIN.region.bounds
    assert conclude(near, by_more_than_ten, bounds, "EPSG:4326", True).crs == "EPSG:4326"
    assert conclude(far, by_more_than_ten, bounds, "EPSG:4326", True).crs is None


def test_wkt_without_a_code_is_weighed_like_any_name():
    own = normalise(
        CRS.from_proj4("+proj=tmerc +lon_0=122.2 +x_0=60000 +ellps=GRS80 +units=m +no_defs").to_wkt(
            "WKT1_GDAL"
        )
    )
    made = fits(PANJIN, own, {own: 100})
    verdict = conclude(made, by_more_than_ten, PANJIN.region.bounds, own, False)
    assert (verdict.status, verdict.crs) == (CrsStatus.DECLARED, own)


def test_nothing_that_fits_is_no_verdict():
    assert conclude([], by_more_than_ten, (0, 0, 1, 1), None, False).status is CrsStatus.UNRESOLVED
    assert conclude([], by_more_than_ten, (0, 0, 1, 1), "EPSG:4326", True).crs == "EPSG:4326"
