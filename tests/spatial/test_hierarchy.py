"""Rows into grids: parts joined, parents found, contradictions told."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from gisgrid.errors import BrokenHierarchy
from gisgrid.spatial.hierarchy import assemble
from tests.squares import box, hierarchy, level, turned

CITY = {"211100": box(0, 0, 2000, 1000)}


def parents(grids: pd.DataFrame, at: int) -> dict[str, str]:
    """Code to the parent's code, of one level."""
    rows = grids[grids["level"] == at]
    return {row.code: grids.loc[row.parent, "code"] for row in rows.itertuples() if not pd.isna(row.parent)}


def test_rows_of_one_code_are_parts_of_one_grid() -> None:
    rows = level({"a": box(0, 0, 1000, 1000), "b": box(1500, 0, 2000, 1000)})
    rows["code"] = "a"
    rows["name"] = "甲"
    (grid,) = assemble([rows]).grids.itertuples()
    assert grid.rows == (0, 1)
    assert shapely.get_num_geometries(grid.geometry) == 2


def test_rows_of_one_code_with_different_names_are_a_duplicate_code() -> None:
    rows = level({"a": box(0, 0, 1000, 1000), "b": box(1500, 0, 2000, 1000)})
    rows["code"] = "a"
    found = assemble([rows])
    assert len(found.grids) == 2
    assert found.duplicate_codes == {1: ("a",)}


def test_rows_of_one_code_that_lie_on_each_other_stay_apart() -> None:
    rows = level({"a": box(0, 0, 1000, 1000), "b": box(500, 0, 2000, 1000)})
    rows["code"] = "a"
    rows["name"] = "甲"
    found = assemble([rows])
    assert len(found.grids) == 2
    assert found.duplicate_codes == {1: ("a",)}


def test_ids_do_not_depend_on_row_order() -> None:
    towns = {"b": box(1000, 0, 2000, 1000), "a": box(0, 0, 1000, 1000)}
    one = hierarchy(CITY, towns).grids
    other = hierarchy(CITY, dict(reversed(towns.items()))).grids
    assert one["code"].to_dict() == other["code"].to_dict() == {1: "211100", 2: "a", 3: "b"}


def test_a_stated_parent_is_believed_against_the_land() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    towns = level({"a": box(0, 0, 500, 1000)}, {"a": "B"})
    assert parents(hierarchy(CITY, counties, towns).grids, 3) == {"a": "B"}


def test_a_parent_may_be_stated_by_name_or_by_a_padded_code() -> None:
    counties = level({"211103": box(0, 0, 1000, 1000), "211104": box(1000, 0, 2000, 1000)})
    counties["name"] = ["兴隆台区", "大洼区"]
    towns = level(
        {"a": box(1000, 0, 2000, 1000), "b": box(0, 0, 1000, 1000)},
        {"a": "兴隆台区", "b": "211104000000"},
    )
    assert parents(hierarchy(CITY, counties, towns).grids, 3) == {"a": "211103", "b": "211104"}


def test_without_a_stated_parent_the_largest_overlap_decides() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    towns = {"a": box(0, 0, 1100, 1000), "b": box(900, 0, 2000, 1000)}
    assert parents(hierarchy(CITY, counties, towns).grids, 3) == {"a": "A", "b": "B"}


def test_an_unknown_stated_parent_goes_by_overlap_and_is_told() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    found = hierarchy(CITY, counties, level({"a": box(0, 0, 500, 1000)}, {"a": "Z"}))
    assert parents(found.grids, 3) == {"a": "A"}
    assert found.unknown_parents == (4,)


def test_a_grid_that_touches_no_parent_has_none() -> None:
    found = hierarchy(CITY, {"a": box(5000, 0, 6000, 1000)})
    assert found.grids["parent"].isna().all()


def test_a_grid_that_only_abuts_a_parent_has_none() -> None:
    """On a slanted edge rounding lays a sliver some 1e-12 degrees wide on the neighbour."""
    city, town = turned(shapely.box(0, 0, 600, 600), shapely.box(200, -100, 300, 0))
    assert 0 < shapely.area(shapely.intersection(city, town)) < 1e-15
    assert hierarchy({"1": city}, {"a": town}).grids["parent"].isna().all()


def test_of_parents_with_equal_shares_but_for_rounding_the_smaller_id_wins() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    town = shapely.union(box(500, 0, 1000, 1000), box(1000, 0, 1500, 1000))
    more = shapely.union(town, box(1499, 0, 1500 + 1e-8, 1000))
    assert parents(hierarchy(CITY, counties, {"a": more}).grids, 3) == {"a": "A"}


def test_of_parents_that_both_hold_a_grid_the_smaller_id_wins() -> None:
    short = box(0, 0, 1000, 1000 - 5e-7)
    counties = {"A": short, "B": box(0, 0, 1000, 1000)}
    assert parents(hierarchy(CITY, counties, {"a": box(0, 0, 500, 1000)}).grids, 3) == {"a": "A"}


def test_a_code_prefix_that_disagrees_with_the_land_is_told_and_does_not_decide() -> None:
    counties = {"211103": box(0, 0, 1000, 1000), "211104": box(1000, 0, 2000, 1000)}
    towns = {"211103001": box(0, 0, 500, 1000), "211104001": box(500, 0, 1000, 1000)}
    found = hierarchy(CITY, counties, towns)
    assert parents(found.grids, 3) == {"211103001": "211103", "211104001": "211103"}
    assert [found.grids.loc[each, "code"] for each in found.code_mismatches] == ["211104001"]


def test_codes_of_another_scheme_are_no_mismatch() -> None:
    counties = {"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)}
    assert hierarchy(CITY, counties, {"x1": box(0, 0, 500, 1000)}).code_mismatches == ()


def test_grids_that_are_each_others_parents_are_refused() -> None:
    first = level({"A": box(0, 0, 1000, 1000)}, {"A": "b"})
    second = level({"b": box(0, 0, 1000, 1000)}, {"b": "A"})
    with pytest.raises(BrokenHierarchy) as refused:
        assemble([first, second])
    assert refused.value.where == "A → B → A"


def test_a_root_may_name_itself_or_an_absent_parent() -> None:
    assert len(hierarchy(level(CITY, {"211100": "211100"}), {"a": box(0, 0, 10, 10)}).grids) == 2
    assert len(hierarchy(level(CITY, {"211100": "210000"}), {"a": box(0, 0, 10, 10)}).grids) == 2


def test_levels_may_number_their_grids_alike() -> None:
    counties = level({"1": box(0, 0, 1000, 1000), "2": box(1000, 0, 2000, 1000)}, {"1": "1", "2": "1"})
    found = hierarchy({"1": box(0, 0, 2000, 1000)}, counties)
    assert found.grids["parent"].tolist() == [pd.NA, 1, 1]


def test_codes_are_compared_without_case_and_kept_as_they_are() -> None:
    counties = {"pj-a": box(0, 0, 1000, 1000), "pj-b": box(1000, 0, 2000, 1000)}
    found = hierarchy(CITY, counties, level({"x": box(0, 0, 500, 1000)}, {"x": "PJ-B"}))
    assert parents(found.grids, 3) == {"x": "pj-b"}


def test_a_name_that_several_parents_bear_decides_nothing() -> None:
    counties = level({"A": box(0, 0, 1000, 1000), "B": box(1000, 0, 2000, 1000)})
    counties["name"] = "新区"
    found = hierarchy(CITY, counties, level({"a": box(1000, 0, 2000, 1000)}, {"a": "新区"}))
    assert parents(found.grids, 3) == {"a": "B"}
