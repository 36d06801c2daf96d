"""How an outline differs from a reference."""

import numpy as np
import pytest
import shapely

from gisgrid.crs.tiling import Misfit, Tiling, outline_of

# On the equator one degree is 111,320 m both ways.
SQUARE = shapely.box(10.0, -0.05, 10.1, 0.05)
SIDE_M = 11_132.0


def misfit(outline: shapely.Polygon) -> Misfit:
    result = Tiling(outline, SQUARE).misfit("EPSG:4490")
    assert result is not None
    return result


def test_the_same_outline_fits_exactly():
    same = misfit(SQUARE)
    assert same.difference_m2 == pytest.approx(0.0, abs=1e-3)
    assert same.on_boundary == same.vertices
    assert same.is_good


def test_a_shifted_outline_misses_and_exceeds_alike():
    shifted = misfit(shapely.affinity.translate(SQUARE, xoff=0.01))
    assert shifted.missing_m2 == pytest.approx(0.1 * SIDE_M**2, rel=1e-4)
    assert shifted.outside_m2 == pytest.approx(0.1 * SIDE_M**2, rel=1e-4)
    assert shifted.difference_m2 == shifted.misfit_m2 == pytest.approx(0.2 * SIDE_M**2, rel=1e-4)


def test_a_part_of_the_reference_has_no_misfit_but_a_difference():
    part = misfit(shapely.box(10.0, -0.05, 10.05, 0.05))
    assert part.misfit_m2 == pytest.approx(0.0, abs=1e-3)
    assert part.difference_m2 == pytest.approx(0.5 * SIDE_M**2, rel=1e-4)
    assert part.is_good


def test_an_outline_elsewhere_is_no_good():
    assert not misfit(shapely.affinity.translate(SQUARE, xoff=1.0)).is_good


def test_the_exact_outline_beats_the_shifted_one_and_not_the_reverse():
    exact, shifted = misfit(SQUARE), misfit(shapely.affinity.translate(SQUARE, xoff=0.00005))
    assert exact.beats(shifted)
    assert not shifted.beats(exact)


def test_nothing_beats_its_equal():
    assert not misfit(SQUARE).beats(misfit(SQUARE))


def test_an_outline_that_a_reading_cannot_express_has_no_misfit():
    assert Tiling(shapely.box(0, 100, 1, 101), SQUARE).misfit("EPSG:4490") is None


def test_an_outline_with_crossing_edges_is_still_compared():
    bowtie = shapely.Polygon([(10, -0.05), (10.1, 0.05), (10.1, -0.05), (10, 0.05)])
    assert misfit(bowtie).outside_m2 == pytest.approx(0.0, abs=1e-3)


def test_the_union_of_invalid_polygons_is_taken_from_their_valid_parts():
    bowtie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    outline = outline_of(np.array([bowtie, shapely.box(2, 0, 3, 1), None]))
    assert shapely.is_valid(outline)
    assert outline.area == pytest.approx(1.5)


def test_many_polygons_that_share_no_vertices_are_united_all_the_same():
    steps = np.linspace(0.0, 1.0, 110_000)
    below = shapely.Polygon([*np.column_stack([steps, steps * 0 + 1.0]), (1.0, 0.0), (0.0, 0.0)])
    above = shapely.Polygon([*np.column_stack([steps[1:-1], steps[1:-1] * 0 + 1.0]), (1.0, 2.0), (0.0, 2.0)])
    overlapping = shapely.box(0.2, 0.5, 0.8, 1.5)
    outline = outline_of(np.array([below, above, overlapping]))
    assert shapely.is_valid(outline)
    assert outline.area == pytest.approx(2.0, abs=1e-4)
