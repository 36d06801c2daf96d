"""Edits of a coverage: cut, merged, drawn, moved; and what must hold after each, at every level."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.frames import STORED_CRS
from gisgrid.spatial import editing
from gisgrid.spatial.coverage import audit_levels
from gisgrid.spatial.editing import errors
from gisgrid.spatial.editing.chains import overlaid
from gisgrid.spatial.editing.result import Redrawn
from tests.squares import box, place

KM = 1000.0

CITY, WEST, EAST, A, B, C, D, E, F, UNIT1, UNIT2 = range(1, 12)
"""
20 x 10 km: WEST 0..10, EAST 10..20; WEST is A (0..5), B (5..10); EAST is C (10..15, south), D (10..15,
north), E (15..20), which has the unit grids UNIT1 (south) and UNIT2. F is a key grid over the line of the
counties.
The border of A and B has no vertex in the middle; that of WEST and EAST has one at 5 km, from C and D.
"""


def region() -> gpd.GeoDataFrame:
    """The grids of the picture above."""
    west = shapely.Polygon([(0, 0), (5, 0), (10, 0), (10, 5), (10, 10), (5, 10), (0, 10)])
    east = shapely.Polygon([(10, 0), (15, 0), (20, 0), (20, 5), (20, 10), (15, 10), (10, 10), (10, 5)])
    city = shapely.Polygon(
        [(0, 0), (5, 0), (10, 0), (15, 0), (20, 0), (20, 5), (20, 10), (15, 10), (10, 10), (5, 10), (0, 10)]
    )
    b = shapely.Polygon([(5, 0), (10, 0), (10, 5), (10, 10), (5, 10)])
    c = shapely.Polygon([(10, 0), (15, 0), (15, 5), (10, 5)])
    d = shapely.Polygon([(10, 5), (15, 5), (15, 10), (10, 10)])
    e = shapely.Polygon([(15, 0), (20, 0), (20, 5), (20, 10), (15, 10), (15, 5)])
    rows: list[tuple[int, int, int | None, int | None, str, shapely.Polygon]] = [
        (CITY, 1, None, None, "administrative", city),
        (WEST, 2, CITY, None, "administrative", west),
        (EAST, 2, CITY, None, "administrative", east),
        (A, 3, WEST, None, "administrative", shapely.box(0, 0, 5, 10)),
        (B, 3, WEST, None, "administrative", b),
        (C, 3, EAST, None, "administrative", c),
        (D, 3, EAST, None, "administrative", d),
        (E, 3, EAST, None, "administrative", e),
        (F, 1, None, CITY, "key", shapely.box(9, 4, 11, 6)),
        (UNIT1, 3, None, E, "unit", shapely.box(15, 0, 20, 5)),
        (UNIT2, 3, None, E, "unit", shapely.box(15, 5, 20, 10)),
    ]
    shapes = [place(shapely.transform(row[5], lambda xy: xy * KM)) for row in rows]
    return gpd.GeoDataFrame(
        {
            "level": [row[1] for row in rows],
            "parent": pd.array([row[2] for row in rows], dtype="Int64"),
            "owner": pd.array([row[3] for row in rows], dtype="Int64"),
            "kind": [row[4] for row in rows],
            "name": [str(row[0]) for row in rows],
            "code": None,
        },
        geometry=shapes,
        crs=STORED_CRS,
        index=pd.Index([row[0] for row in rows], dtype="int64"),
    )


def line(*places_km: tuple[float, float]) -> shapely.LineString:
    """A line through places in kilometres, rounded as browsers round."""
    drawn = place(shapely.LineString([(x * KM, y * KM) for x, y in places_km]))
    return shapely.transform(drawn, lambda xy: np.round(xy, 9))


def area(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """A rectangle in kilometres."""
    return box(x0 * KM, y0 * KM, x1 * KM, y1 * KM)


def applied(grids: gpd.GeoDataFrame, redrawn: Redrawn) -> gpd.GeoDataFrame:
    """The grids after an edit; added ones get the ids from 100 on."""
    after = grids.drop(index=list(redrawn.removed))
    next_id = max(100, int(grids.index.max()) + 1)
    ids: Mapping[int, int] = {-at - 1: next_id + at for at in range(len(redrawn.added))}
    for grid, shape in redrawn.changed.items():
        after.loc[[grid], "geometry"] = gpd.GeoSeries([shape], index=[grid], crs=STORED_CRS)
    rows = [
        {
            "level": int(grids.at[piece.holder, "level"]) + (piece.kind == "administrative"),
            "parent": piece.holder if piece.kind == "administrative" else pd.NA,
            "owner": pd.NA if piece.kind == "administrative" else piece.holder,
            "kind": piece.kind,
            "name": f"new {at}",
            "code": None,
            "geometry": piece.geometry,
        }
        for at, piece in enumerate(redrawn.added)
    ]
    if rows:
        more = gpd.GeoDataFrame(rows, crs=STORED_CRS, index=[ids[-at - 1] for at in range(len(rows))])
        more = more.astype({"parent": "Int64", "owner": "Int64"})
        after = gpd.GeoDataFrame(pd.concat([after, more]), crs=STORED_CRS)
    for grid, holder in redrawn.reparented.items():
        column = "parent" if after.at[grid, "kind"] == "administrative" else "owner"
        after.loc[grid, column] = ids.get(holder, holder)
    return after


def must_be_whole(grids: gpd.GeoDataFrame) -> None:
    """Every level is a valid coverage of the one above, and so are unit grids; neighbours share vertices."""
    administrative = grids[grids["kind"] == "administrative"]
    for audited in audit_levels(administrative):
        assert audited.findings.empty, audited.findings[["kind", "area_m2", "width_m"]]
        assert audited.edge_matched
    for level in administrative["level"].unique():
        shapes = administrative.geometry[administrative["level"] == level].to_numpy()
        assert shapely.coverage_is_valid(shapes)
    units = grids[grids["kind"] == "unit"]
    for owner, members in units.groupby("owner"):
        assert shapely.coverage_is_valid(members.geometry.to_numpy())
        assert shapely.union_all(members.geometry.to_numpy()).symmetric_difference(
            grids.geometry[owner]
        ).area == pytest.approx(0, abs=1e-13)


def km2(shape: shapely.Geometry) -> float:
    """The area in square kilometres, near the origin."""
    whole = area(0, 0, 1, 1)
    return float(shapely.area(shape) / shapely.area(whole))


def test_the_region_itself_is_whole() -> None:
    must_be_whole(region())


def test_a_split_gives_the_new_vertices_to_every_grid_that_has_the_edge() -> None:
    grids = region()
    done = editing.split(grids, [A], line((-1, 3), (6, 3)))
    assert set(done.changed) == {CITY, WEST, A, B}
    assert done.only_vertices == {CITY, WEST, B}
    (piece,) = done.added
    assert (piece.holder, piece.kind, piece.of) == (WEST, "administrative", (A,))
    assert km2(done.changed[A]) == pytest.approx(35, rel=1e-3)
    assert km2(piece.geometry) == pytest.approx(15, rel=1e-3)
    must_be_whole(applied(grids, done))


def test_a_line_may_cross_several_grids_and_each_several_times() -> None:
    grids = region()
    done = editing.split(grids, [A, B], line((-1, 2), (4, 2), (4, 4), (1, 4), (1, 6), (11, 6)))
    assert {piece.of for piece in done.added} == {(A,), (B,)}
    must_be_whole(applied(grids, done))


def test_a_closed_line_cuts_an_island_out() -> None:
    grids = region()
    done = editing.split(grids, [A], line((1, 1), (2, 1), (2, 2), (1, 2), (1, 1)))
    assert km2(done.added[0].geometry) == pytest.approx(1, rel=1e-3)
    assert done.only_vertices == frozenset()
    must_be_whole(applied(grids, done))


@pytest.mark.parametrize("end", [(5, 3), (5.0000001, 3)])
def test_a_line_that_ends_on_the_border_cuts(end: tuple[float, float]) -> None:
    grids = region()
    must_be_whole(applied(grids, editing.split(grids, [A], line((0, 3), end))))


def test_a_line_from_vertex_to_vertex_needs_no_new_ones() -> None:
    grids = region()
    done = editing.split(grids, [E], line((15, 5), (20, 5)))
    assert set(done.changed) == {E}
    assert sorted(done.reparented.items()) == [(UNIT2, -1)] or sorted(done.reparented.items()) == [
        (UNIT1, -1)
    ]
    must_be_whole(applied(grids, done))


def test_a_line_that_stops_short_is_refused_with_the_distance() -> None:
    with pytest.raises(errors.LineDoesNotCut) as refused:
        editing.split(region(), [A], line((-1, 3), (4.9, 3)))
    assert "100.0" in refused.value.what.en
    with pytest.raises(errors.LineDoesNotCut):
        editing.split(region(), [A], line((6, 3), (7, 3)))


def test_a_cut_through_finer_grids_is_refused_by_name() -> None:
    with pytest.raises(errors.CrossesChildren) as refused:
        editing.split(region(), [WEST], line((-1, 3), (11, 3)))
    assert refused.value.where.startswith(str(A))


def test_a_cut_along_finer_grids_takes_them_along() -> None:
    grids = region()
    done = editing.split(grids, [EAST], line((15, -1), (15, 11)))
    after = applied(grids, done)
    assert sorted(after["parent"][[C, D, E]].value_counts().tolist()) == [1, 2]
    must_be_whole(after)


def test_a_cut_beside_finer_grids_by_a_rounding_runs_along_them() -> None:
    """As counties and townships of different files: the county's outline lacks the townships' corners."""
    grids = region()
    grids.loc[[EAST], "geometry"] = gpd.GeoSeries([area(10, 0, 20, 10)], index=[EAST], crs=STORED_CRS)
    done = editing.split(grids, [EAST], line((15, -1), (15, 11)))
    after = applied(grids, done)
    assert sorted(after["parent"][[C, D, E]].value_counts().tolist()) == [1, 2]
    for audited in audit_levels(after[after["kind"] == "administrative"]):
        assert audited.findings.empty
        assert not any(audited.noise.values())


@pytest.mark.parametrize("aside_deg", [0, 2e-12, 5e-11, 3e-10, 2e-9])
def test_land_is_in_or_out_of_a_region_that_ends_beside_it_by_a_rounding(aside_deg: float) -> None:
    one, other = shapely.box(120, 40, 121, 41), shapely.box(119, 40, 121 - aside_deg, 41)
    inside, outside = overlaid(one, other)
    assert inside.area == pytest.approx(1, abs=1e-8)
    assert inside.area + outside.area == pytest.approx(1, abs=1e-8)


def test_a_sliver_is_refused_with_its_place() -> None:
    with pytest.raises(errors.TooNarrow) as refused:
        editing.split(region(), [A], line((0.0001, -1), (0.0001, 11)))
    assert refused.value.where


def test_coordinates_that_changed_places_are_named() -> None:
    drawn = shapely.transform(line((-1, 3), (6, 3)), lambda xy: xy[:, ::-1])
    with pytest.raises(errors.SwappedCoordinates):
        editing.split(region(), [A], drawn)


def test_an_owner_is_divided_into_units_that_tile_it() -> None:
    grids = region()
    done = editing.divide(grids, A, line((-1, 4), (6, 4)))
    assert [piece.kind for piece in done.added] == ["unit", "unit"]
    assert A in done.only_vertices
    must_be_whole(applied(grids, done))


def test_units_that_are_there_are_cut_further() -> None:
    grids = region()
    done = editing.divide(grids, E, line((17, -1), (17, 11)))
    assert sorted(piece.of for piece in done.added) == [(UNIT1,), (UNIT2,)]
    must_be_whole(applied(grids, done))


def test_merged_grids_keep_one_id_and_all_that_they_held() -> None:
    grids = region()
    done = editing.merge(grids, [WEST, EAST], WEST)
    assert done.removed == (EAST,)
    assert done.reparented == {C: WEST, D: WEST, E: WEST}
    must_be_whole(applied(grids, done))


def test_grids_that_do_not_touch_are_not_merged() -> None:
    cut = applied(region(), editing.split(region(), [B], line((9, -1), (9, 11))))
    with pytest.raises(errors.NotNeighbours):
        editing.merge(cut, [A, 100], A)
    with pytest.raises(errors.NotSiblings):
        editing.merge(region(), [B, C], B)


def test_split_then_merge_restores_the_land() -> None:
    grids = region()
    cut = applied(grids, editing.split(grids, [B], line((4, 3), (7, 4), (11, 8))))
    again = applied(cut, editing.merge(cut, [B, 100], B))
    assert again.geometry[B].equals(grids.geometry[B])
    must_be_whole(again)


def test_a_grid_drawn_over_others_takes_their_land() -> None:
    grids = region()
    done = editing.carve(grids, WEST, "administrative", area(4, 4, 6, 6), takes=True)
    assert done.added[0].of == (A, B)
    assert km2(done.added[0].geometry) == pytest.approx(4, rel=1e-3)
    must_be_whole(applied(grids, done))


def test_a_grid_drawn_on_land_that_others_have_is_refused_unless_it_takes() -> None:
    with pytest.raises(errors.TakenLand):
        editing.carve(region(), WEST, "administrative", area(4, 4, 6, 6), takes=False)
    with pytest.raises(errors.OutsideHolder) as refused:
        editing.carve(region(), WEST, "administrative", area(9, 4, 11, 6), takes=True)
    assert refused.value.where
    with pytest.raises(errors.WouldVanish):
        editing.carve(region(), WEST, "administrative", area(5, 0, 10, 10), takes=True)


def test_a_grid_as_large_as_the_world_is_outside() -> None:
    world = shapely.box(-180, -90, 180, 90)
    for kind in ("key", "unit"):
        with pytest.raises(errors.OutsideHolder):
            editing.carve(region(), WEST, kind, world, takes=False)


def test_a_key_grid_lies_over_others_and_may_cross_them() -> None:
    done = editing.carve(region(), CITY, "key", area(8, 2, 12, 3), takes=True)
    assert (done.changed, done.added[0].kind, done.added[0].holder) == ({}, "key", CITY)


def test_a_boundary_redrawn_keeps_the_land_of_both() -> None:
    grids = region()
    done = editing.redraw_boundary(grids, A, B, line((6, -1), (6, 5), (4, 11)))
    after = applied(grids, done)
    assert after.geometry[A].union(after.geometry[B]).equals(grids.geometry[A].union(grids.geometry[B]))
    must_be_whole(after)


def test_a_county_line_redrawn_takes_the_townships_along() -> None:
    grids = region()
    done = editing.redraw_boundary(grids, WEST, EAST, line((9, -1), (9, 4), (11, 6), (11, 11)))
    must_be_whole(applied(grids, done))


def test_a_vertex_moves_in_every_grid_that_has_it() -> None:
    grids = applied(region(), editing.split(region(), [A], line((-1, 3), (2, 4), (6, 3))))
    at, to = (tuple(np.round(_spot(*each), 9)) for each in ((2, 4), (2.5, 5)))
    done = editing.move_vertex(grids, [A, 100], at, to)
    assert set(done.changed) == {A, 100}
    must_be_whole(applied(grids, done))


def _spot(x_km: float, y_km: float) -> tuple[float, float]:
    spot = place(shapely.Point(x_km * KM, y_km * KM))
    return spot.x, spot.y


def test_a_vertex_of_the_outline_is_moved_a_level_above() -> None:
    grids = region()
    with pytest.raises(errors.OnOutline):
        editing.move_vertex(grids, [C, D], _spot(10, 5), _spot(10.5, 5))
    done = editing.move_vertex(grids, [WEST, EAST], _spot(10, 5), _spot(10.5, 5))
    assert {WEST, EAST, B, C, D} <= set(done.changed)
    must_be_whole(applied(grids, done))


def test_a_vertex_that_would_pass_a_border_is_refused() -> None:
    grids = region()
    with pytest.raises((errors.SelfCrossing, errors.WouldVanish, errors.CrossesChildren)):
        editing.move_vertex(grids, [WEST, EAST], _spot(10, 5), _spot(25, 5))


def test_a_grid_redrawn_gives_and_takes() -> None:
    grids = region()
    must_be_whole(applied(grids, editing.replace(grids, A, area(0, 0, 6, 10))))
    must_be_whole(applied(grids, editing.replace(grids, A, area(0, 0, 4, 10))))
    must_be_whole(applied(grids, editing.replace(grids, C, area(10, 0, 15, 6))))
    with pytest.raises(errors.OutsideHolder):
        editing.replace(grids, A, area(-1, 0, 5, 10))
    with pytest.raises(errors.WouldVanish):
        editing.replace(grids, A, area(0, 0, 10, 10))


def test_the_land_of_a_deleted_grid_goes_to_its_neighbour_or_to_nobody() -> None:
    grids = region()
    done = editing.remove(grids, C)
    assert done.removed == (C,)
    must_be_whole(applied(grids, done))
    with pytest.raises(errors.LastGrid):
        editing.remove(applied(grids, editing.merge(grids, [A, B], A)), A)
    done = editing.remove(grids, UNIT1, land="holder")
    assert (done.removed, done.changed) == ((UNIT1,), {})


def test_a_grid_goes_to_another_parent_with_its_land() -> None:
    grids = region()
    done = editing.change_parent(grids, B, EAST)
    assert done.reparented == {B: EAST}
    must_be_whole(applied(grids, done))


def test_a_grid_redrawn_leaves_an_overlap_to_the_other() -> None:
    grids = region()
    grids.loc[B, "geometry"] = area(4.8, 0, 10, 10)  # over A by 200 m
    done = editing.replace(grids, B, area(5, 0, 10, 10))
    must_be_whole(applied(grids, done))
    assert A not in set(done.changed) - done.only_vertices


def test_adopted_units_replace_those_that_were_there() -> None:
    grids = region()
    done = editing.adopt(grids, E, [area(15, 0, 20, 3), area(15, 3, 20, 10)])
    assert sorted(done.removed) == [UNIT1, UNIT2]
    must_be_whole(applied(grids, done))


def test_an_outline_that_crosses_itself_is_refused_with_the_place() -> None:
    bow = place(shapely.Polygon([(1000, 1000), (2000, 2000), (2000, 1000), (1000, 2000)]))
    with pytest.raises(errors.SelfCrossing) as refused:
        editing.carve(region(), WEST, "administrative", bow, takes=True)
    assert refused.value.where.startswith("123.0")


def test_a_trace_runs_along_existing_boundaries() -> None:
    grids = region()
    level3 = grids[grids["level"] == 3]
    way = editing.trace(level3[level3["kind"] == "administrative"], _spot(5, 2), _spot(12, 5))
    expected = line((5, 2), (5, 0), (10, 0), (10, 5), (12, 5))
    assert shapely.hausdorff_distance(way, expected) < 1e-6
    with pytest.raises(errors.NotFound):
        editing.trace(level3, _spot(2, 2), _spot(12, 5))


def test_a_neighbour_that_lacks_the_vertex_opens_no_gap() -> None:
    """The border of A and B is one edge of 10 km: a naive cut of A would put a vertex beside it."""
    grids = region()
    tilted = line((-1, 3.3333333), (7, 4.7777777))
    must_be_whole(applied(grids, editing.split(grids, [A], tilted)))


def test_faults_that_are_there_stay_and_do_not_grow() -> None:
    grids = region()
    grids.loc[[A], "geometry"] = gpd.GeoSeries([area(0, 0, 5.2, 10)], index=[A], crs=STORED_CRS)
    before = audit_levels(grids[grids["kind"] == "administrative"])[-1].findings
    after = applied(grids, editing.split(grids, [D], line((12, 4), (12, 11))))
    found = audit_levels(after[after["kind"] == "administrative"])[-1].findings
    assert found["area_m2"].tolist() == pytest.approx(before["area_m2"].tolist())


MOVES = st.sampled_from(["split", "merge", "boundary", "carve", "divide"])


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_sequence_of_edits_keeps_the_coverage_whole(data: st.DataObject) -> None:
    grids = region()
    number = st.floats(-0.5, 20.5).map(lambda each: round(each, 3))
    for _ in range(4):
        administrative = grids[(grids["kind"] == "administrative") & (grids["level"] > 1)]
        chosen = int(data.draw(st.sampled_from(sorted(administrative.index))))
        spots = [(data.draw(number), data.draw(number) / 2) for _ in range(2)]
        kin = administrative.index[
            (administrative["parent"] == administrative.at[chosen, "parent"])
            & (administrative.index != chosen)
        ]
        move = data.draw(MOVES)
        if spots[0] == spots[1]:
            continue
        try:
            if move == "split":
                done = editing.split(grids, [chosen], line(*spots))
            elif move == "divide":
                done = editing.divide(grids, chosen, line(*spots))
            elif move == "carve":
                x, y = spots[0]
                parent = int(administrative.at[chosen, "parent"])
                done = editing.carve(grids, parent, "administrative", area(x, y, x + 1.5, y + 1), takes=True)
            elif len(kin) == 0:
                continue
            elif move == "merge":
                done = editing.merge(grids, [chosen, int(kin[0])], chosen)
            else:
                done = editing.redraw_boundary(grids, chosen, int(kin[0]), line(*spots))
        except editing.CannotEdit:
            continue
        grids = applied(grids, done)
        must_be_whole(grids)
