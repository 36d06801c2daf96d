"""Gaps, overlaps, protrusions and mis-nesting, on geographies that one can check by eye."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.spatial.coverage import Coverage, audit_level, audit_levels
from gisgrid.spatial.findings import Tolerances
from tests.squares import box, hierarchy, level, place, turned

CITY = {"1": box(0, 0, 2000, 1000)}


def audited(*levels: object, **options: object) -> Coverage:
    """The audit of the finest pair of levels."""
    return audit_levels(hierarchy(*levels).grids, **options)[-1]  # type: ignore[arg-type]


def kinds(coverage: Coverage) -> list[str]:
    return sorted(str(kind) for kind in coverage.findings["kind"])


def test_children_that_tile_their_parent_have_no_finding() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 1000, 1000), "b": box(1000, 0, 2000, 1000)})
    assert kinds(coverage) == []
    assert sum(coverage.noise.values()) == 0


def test_a_gap_between_two_children_is_measured() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 1000, 1000), "b": box(1100, 0, 2000, 1000)})
    (gap,) = coverage.findings.itertuples()
    assert gap.kind == FindingKind.GAP
    assert gap.area_m2 == pytest.approx(100_000, rel=1e-3)
    assert gap.width_m == pytest.approx(100, rel=1e-2)
    assert gap.size_class == SizeClass.REAL
    assert [share for _, share in gap.neighbours] == pytest.approx([10 / 22, 10 / 22], rel=1e-2)


def test_a_gap_open_to_the_outer_boundary_is_found_as_an_inlet() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 1000, 1000), "b": box(1100, 0, 2000, 1000)})
    assert not coverage.findings["enclosed"].iloc[0]


def test_a_hole_is_enclosed() -> None:
    ring = shapely.difference(box(0, 0, 2000, 1000), box(500, 500, 600, 600))
    coverage = audited(CITY, {"a": ring})
    assert coverage.findings["enclosed"].iloc[0]
    assert coverage.findings["neighbours"].iloc[0] == ((2, pytest.approx(1.0, rel=1e-3)),)


def test_an_overlap_names_both_owners() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 1050, 1000), "b": box(1000, 0, 2000, 1000)})
    (overlap,) = coverage.findings.itertuples()
    assert overlap.kind == FindingKind.OVERLAP
    assert overlap.owners == (2, 3)
    assert overlap.area_m2 == pytest.approx(50_000, rel=1e-3)


def test_a_triple_overlap_is_one_finding_with_three_owners() -> None:
    coverage = audited(
        CITY,
        {"a": box(0, 0, 1000, 1000), "b": box(1000, 0, 2000, 1000), "c": box(900, 400, 1100, 600)},
        {"x": box(0, 0, 10, 10)},
    )
    assert coverage.parent_level == 2
    three = {"a": box(0, 0, 1100, 1000), "b": box(900, 0, 2000, 1000), "c": box(950, 400, 1050, 600)}
    coverage = audited(CITY, three)
    by_owners = dict(zip(coverage.findings["owners"], coverage.findings["area_m2"], strict=True))
    assert by_owners[(2, 3, 4)] == pytest.approx(20_000, rel=1e-3)
    assert by_owners[(2, 3)] == pytest.approx(180_000, rel=1e-3)


def test_overlaps_of_different_owners_that_touch_are_different_findings() -> None:
    coverage = audited(
        CITY,
        {"a": box(0, 0, 1000, 500), "b": box(0, 500, 1000, 1000), "c": box(900, 0, 2000, 1000)},
    )
    assert sorted(coverage.findings["owners"]) == [(2, 4), (3, 4)]


def test_a_protrusion_outside_every_parent_wins_over_the_overlap_in_it() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 2100, 1000), "b": box(2050, 0, 2200, 1000)})
    assert set(kinds(coverage)) == {"protrusion"}
    assert coverage.findings["area_m2"].sum() == pytest.approx(200_000, rel=1e-3)


def test_land_of_another_parent_is_misnested_and_not_also_a_gap() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    towns = level({"a": box(0, 0, 1100, 1000), "b": box(1100, 0, 2000, 1000)}, parents={"a": "A", "b": "B"})
    coverage = audited(CITY, counties, towns)
    (finding,) = coverage.findings.itertuples()
    assert finding.kind == FindingKind.MISNESTED
    assert finding.parent == 3
    assert finding.owners == (4,)
    assert finding.area_m2 == pytest.approx(100_000, rel=1e-3)


def test_a_child_of_another_parent_on_a_covered_parent_is_an_overlap() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    towns = level({"a": box(0, 0, 1100, 1000), "b": box(1000, 0, 2000, 1000)}, parents={"a": "A", "b": "B"})
    assert kinds(audited(CITY, counties, towns)) == ["overlap"]


def test_a_parent_without_children_is_undivided_and_no_gap() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    coverage = audited(CITY, counties, {"a": box(0, 0, 1000, 1000)})
    assert coverage.undivided == (3,)
    assert kinds(coverage) == []


def test_a_child_on_an_undivided_parent_of_others_is_misnested() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    coverage = audited(CITY, counties, level({"a": box(0, 0, 1100, 1000)}, parents={"a": "A"}))
    assert kinds(coverage) == ["misnested"]
    assert coverage.undivided == (3,)


def test_a_defect_of_level_two_is_not_counted_again_at_level_three() -> None:
    counties = {"A": box(0, 0, 1050, 1000), "B": box(1000, 0, 1900, 1000)}
    towns = level({"a": box(0, 0, 1050, 1000), "b": box(1000, 0, 1900, 1000)}, parents={"a": "A", "b": "B"})
    second, third = audit_levels(hierarchy(CITY, counties, towns).grids)
    assert kinds(second) == ["gap", "overlap"]
    assert kinds(third) == []


def test_a_protruding_county_is_not_counted_again_for_its_towns() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2100, 1000)}
    towns = level({"a": box(0, 0, 1000, 1000), "b": box(1000, 0, 2100, 1000)}, {"a": "A", "b": "B"})
    second, third = audit_levels(hierarchy(CITY, counties, towns).grids)
    assert kinds(second) == ["protrusion"]
    assert kinds(third) == []


def test_holes_are_the_gaps_of_a_single_level() -> None:
    coverage = audited(
        {
            "a": box(0, 0, 1000, 1000),
            "b": box(1000, 0, 2000, 400),
            "c": box(1000, 500, 2000, 1000),
            "d": box(2000, 0, 3000, 1000),
        }
    )
    assert coverage.parent_level is None
    (gap,) = coverage.findings.itertuples()
    assert gap.kind == FindingKind.GAP
    assert gap.area_m2 == pytest.approx(100_000, rel=1e-3)


def test_an_inlet_of_a_single_level_is_no_gap() -> None:
    assert kinds(audited({"a": box(0, 0, 1000, 1000), "b": box(1100, 0, 2000, 1000)})) == []


def test_a_missing_vertex_is_an_edge_mismatch_and_no_gap() -> None:
    towns = {
        "a": box(0, 0, 1000, 1000),
        "b": box(1000, 0, 2000, 500),
        "c": box(1000, 500, 2000, 1000),
    }
    coverage = audited(CITY, towns)
    assert kinds(coverage) == []
    assert not coverage.edge_matched
    assert coverage.edge_mismatches["length_m"].sum() > 1000


def test_a_missing_vertex_on_a_long_edge_is_no_strip_although_the_metric_plane_bends() -> None:
    """20 km of a parallel bow by 7 m in EPSG:4550; in the plane of the coordinates nothing lies between."""
    towns = {"a": box(0, 0, 10_000, 10_000), "b": box(10_000, 0, 20_000, 10_000)}
    nudged = {
        code: shapely.transform(each, lambda xy: xy + np.array([0, 1e-14])) for code, each in towns.items()
    }
    assert kinds(audited({"1": box(0, 0, 20_000, 10_000)}, nudged)) == []


def test_shared_vertices_are_edge_matched() -> None:
    west = place(shapely.Polygon([(0, 0), (1000, 0), (1000, 500), (1000, 1000), (0, 1000)]))
    city = place(
        shapely.Polygon([(0, 0), (1000, 0), (2000, 0), (2000, 500), (2000, 1000), (1000, 1000), (0, 1000)])
    )
    towns = {"a": west, "b": box(1000, 0, 2000, 500), "c": box(1000, 500, 2000, 1000)}
    coverage = audited({"1": city}, towns)
    assert coverage.edge_matched


@pytest.mark.parametrize(
    ("width_m", "size_class"),
    [(0.1, None), (2, SizeClass.SLIVER), (20, SizeClass.STRIP), (200, SizeClass.REAL)],
)
def test_findings_are_classed_by_width_and_noise_is_only_counted(
    width_m: float, size_class: SizeClass | None
) -> None:
    coverage = audited(CITY, {"a": box(0, 0, 1000, 1000), "b": box(1000 + width_m, 0, 2000, 1000)})
    if size_class is None:
        assert coverage.findings.empty
        assert coverage.noise[FindingKind.GAP] == 1
    else:
        assert list(coverage.findings["size_class"]) == [size_class]
        assert coverage.findings["width_m"].iloc[0] == pytest.approx(width_m, rel=1e-2)


def test_a_small_wide_gap_is_noise_by_its_area() -> None:
    ring = shapely.difference(box(0, 0, 2000, 1000), box(500, 500, 500.6, 500.6))
    coverage = audited(CITY, {"a": ring}, tolerances=Tolerances(min_area_m2=0.5))
    assert coverage.noise[FindingKind.GAP] == 1


def test_allowed_gaps_are_excused_and_their_area_is_told() -> None:
    lake = box(900, 0, 1200, 500)
    coverage = audited(
        CITY,
        {"a": box(0, 0, 1000, 1000), "b": box(1100, 0, 2000, 1000)},
        allowed_gaps=np.array([lake], dtype=object),
    )
    assert coverage.findings["area_m2"].sum() == pytest.approx(50_000, rel=1e-3)
    assert coverage.allowed_area_m2 == pytest.approx(50_000, rel=1e-3)


def test_two_gaps_that_touch_in_a_point_are_two() -> None:
    holes = shapely.union_all([box(500, 500, 600, 600), box(600, 600, 700, 700)])
    coverage = audited(CITY, {"a": shapely.difference(box(0, 0, 2000, 1000), holes)})
    assert kinds(coverage) == ["gap", "gap"]


def test_two_gaps_along_one_slanted_edge_are_two_although_their_corners_lie_beside_it() -> None:
    holes = shapely.union(shapely.box(500, 200, 600, 300), shapely.box(500, 600, 600, 700))
    city, west, east = turned(
        shapely.box(0, 0, 1000, 1000),
        shapely.box(0, 0, 500, 1000),
        shapely.difference(shapely.box(500, 0, 1000, 1000), holes),
    )
    coverage = audited({"1": city}, {"a": west, "b": east})
    assert kinds(coverage) == ["gap", "gap"]
    for gap in coverage.findings.itertuples():
        assert gap.enclosed
        assert gap.neighbours == ((3, pytest.approx(0.75, abs=1e-3)), (2, pytest.approx(0.25, abs=1e-3)))


def test_a_hole_between_slanted_edges_is_closed_although_their_corners_lie_apart() -> None:
    notch_and_hole = shapely.union(shapely.box(300, 100, 400, 200), shapely.box(300, 500, 400, 600))
    west, east = turned(
        shapely.difference(shapely.box(100, 100, 400, 700), notch_and_hole), shapely.box(400, 100, 700, 700)
    )
    coverage = audited({"a": west, "b": east})
    assert kinds(coverage) == ["gap"]
    assert coverage.findings["area_m2"].iloc[0] == pytest.approx(10_000, rel=1e-3)


def test_a_child_wholly_inside_another_is_an_overlap() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 2000, 1000), "b": box(500, 500, 600, 600)})
    assert kinds(coverage) == ["overlap"]


def test_two_children_with_the_same_land_overlap_wholly() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 2000, 1000), "b": box(0, 0, 2000, 1000)})
    (finding,) = coverage.findings.itertuples()
    assert (finding.kind, finding.owners) == (FindingKind.OVERLAP, (2, 3))
    assert finding.area_m2 == pytest.approx(2_000_000, rel=1e-3)


def test_a_child_outside_everything_protrudes() -> None:
    coverage = audited(CITY, {"a": box(0, 0, 2000, 1000), "b": box(5000, 0, 6000, 1000)})
    (finding,) = coverage.findings.itertuples()
    assert finding.kind == FindingKind.PROTRUSION
    assert finding.owners == (3,)


def test_findings_do_not_depend_on_row_order() -> None:
    towns = {"a": box(0, 0, 1050, 1000), "b": box(1000, 0, 1900, 990)}
    one = audited(CITY, towns).findings
    other = audited(CITY, dict(reversed(towns.items()))).findings
    assert list(one["kind"]) == list(other["kind"])
    assert list(one["owners"]) == list(other["owners"])
    assert list(one["area_m2"]) == pytest.approx(list(other["area_m2"]))


def test_four_levels_give_three_comparisons() -> None:
    square = box(0, 0, 2000, 1000)
    levels = [{"1": square}, {"11": square}, {"111": square}, {"1111": square}]
    coverage = audit_levels(hierarchy(*levels).grids)
    assert [(each.parent_level, each.child_level) for each in coverage] == [(1, 2), (2, 3), (3, 4)]


def test_the_coarsest_of_several_levels_is_audited_for_itself_if_it_overlaps() -> None:
    counties = {"A": box(0, 0, 1050, 1000), "B": box(1000, 0, 2000, 1000)}
    towns = level({"a": box(0, 0, 1050, 1000), "b": box(1000, 0, 2000, 1000)}, {"a": "A", "b": "B"})
    top, below = audit_levels(hierarchy(counties, towns).grids)
    assert (top.parent_level, top.child_level, kinds(top)) == (None, 1, ["overlap"])
    assert kinds(below) == []


def test_land_that_the_coarsest_of_several_levels_encloses_is_outside_the_plan() -> None:
    holed = shapely.difference(box(0, 0, 2000, 1000), box(500, 400, 600, 500))
    assert [len(each.findings) for each in audit_levels(hierarchy({"1": holed}, {"a": holed}).grids)] == [0]


def test_a_parent_in_order_between_two_defects_stays_in_order() -> None:
    """Its outline touches both, and its middle lies on the line between its children."""
    counties = {"A": box(100, 100, 300, 700), "B": box(300, 100, 700, 700)}
    towns = {"a": box(100, 100, 200, 700), "b": box(200, 100, 300, 700), "c": box(0, 0, 100, 100)}
    coverage = audited(counties, level(towns, {"b": "A", "c": "B"}))
    assert kinds(coverage) == ["gap", "protrusion"]


def test_without_any_child_everything_is_undivided() -> None:
    grids = hierarchy(CITY, {"a": box(0, 0, 2000, 1000)}).grids
    coverage = audit_level(grids[grids["level"] == 1], grids[grids["level"] == 2].assign(parent=None))
    assert coverage.undivided == (1,)
    assert kinds(coverage) == ["misnested"]


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 19), min_size=1, max_size=5, unique=True),
    moves=st.lists(st.integers(-40, 40), min_size=6, max_size=6),
)
def test_gaps_and_overlaps_are_exactly_where_a_boundary_was_moved(cuts: list[int], moves: list[int]) -> None:
    """Strips between x = 0 and 2000 m whose western edges are moved: one finding a moved edge."""
    edges = [0, *sorted(100 * cut for cut in cuts), 2000]
    moved = [0, *(x + move for x, move in zip(edges[1:-1], moves, strict=False))]
    towns = {f"t{n}": box(west, 0, edges[n + 1], 1000) for n, west in enumerate(moved)}
    coverage = audited(CITY, towns)
    planted = sorted(1000.0 * (west - x) for west, x in zip(moved, edges, strict=False) if west != x)
    found = sorted(
        area if kind == FindingKind.GAP else -area
        for kind, area in zip(coverage.findings["kind"], coverage.findings["area_m2"], strict=True)
    )
    assert found == pytest.approx(planted, rel=2e-3)
