"""Doubtful locations: garbage, stacks, repeated ids, and places that contradict the register."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from gisgrid.frames import STORED_CRS
from gisgrid.spatial.assignment import assign
from gisgrid.spatial.quality import (
    NO_DEGREES,
    NOT_A_NUMBER,
    PLACEHOLDER,
    SAME_NUMBER,
    duplicate_ids,
    garbage,
    stacks,
    stated_elsewhere,
    stated_grids,
)
from gisgrid.text import Text

GEOD = Geod(ellps="GRS80")
HERE = (122.0, 41.0)


def at(azimuth: float, distance_m: float, origin: tuple[float, float] = HERE) -> tuple[float, float]:
    lon, lat, _ = GEOD.fwd(*origin, azimuth, distance_m)
    return lon, lat


def sources(
    *spots: tuple[float, float],
    ids: list[str | None] | None = None,
    codes: list[str | None] | None = None,
    names: list[str | None] | None = None,
) -> gpd.GeoDataFrame:
    """Numbered from 1."""
    index = pd.RangeIndex(1, len(spots) + 1)
    blank: list[str | None] = [None] * len(spots)
    columns = {
        "id": ids or [f"S{number}" for number in index],
        "stated_code": codes or blank,
        "stated_name": names or blank,
    }
    texts = {name: pd.Series(values, dtype="str", index=index) for name, values in columns.items()}
    return gpd.GeoDataFrame(
        texts,
        geometry=gpd.GeoSeries(
            shapely.points(np.array(spots, dtype=float).reshape(-1, 2)), index=index, crs=STORED_CRS
        ),
    )


# garbage --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        (np.nan, 41.0, NOT_A_NUMBER),
        (122.0, np.inf, NOT_A_NUMBER),
        (180.5, 41.0, NO_DEGREES),
        (41.0, 122.0, NO_DEGREES),
        (999.0, 999.0, NO_DEGREES),
        (0.0, 0.0, PLACEHOLDER),
        (-0.0, 0.0, PLACEHOLDER),
        (1.0, 1.0, PLACEHOLDER),
        (-1.0, -1.0, PLACEHOLDER),
        (180.0, 90.0, PLACEHOLDER),
        (41.123456, 41.123456, SAME_NUMBER),
        (122.07, 41.12, None),
        (122.0, 41.0, None),  # whole degrees are doubtful, not impossible
        (0.0, 51.48, None),  # Greenwich
        (32.58, 0.0, None),  # the equator
        (8.5, 8.5, None),  # Nigeria, to one decimal
        (180.0, -16.8, None),  # Fiji
    ],
)
def test_garbage_is_told_with_its_reason(lon: float, lat: float, reason: Text | None) -> None:
    assert garbage([lon], [lat]).tolist() == [reason]


def test_garbage_of_nothing_is_nothing() -> None:
    assert garbage([], []).shape == (0,)


# stacks ---------------------------------------------------------------------


def test_five_different_sources_on_a_spot_are_a_stack_and_four_are_not() -> None:
    five, four = [HERE] * 5, [at(0, 500)] * 4
    found = stacks(sources(*four, *five))
    assert found["count"].tolist() == [5]
    assert found["sources"].tolist() == [(5, 6, 7, 8, 9)]
    assert found.geometry.iloc[0].equals(shapely.Point(HERE))


def test_rows_of_one_id_are_one_source() -> None:
    assert stacks(sources(*[HERE] * 6, ids=["A", "A", "A", "B", "C", "D"])).empty
    assert stacks(sources(*[HERE] * 6, ids=["A", "A ", "B", "C", "D", "E"]))["count"].tolist() == [5]


def test_sources_without_an_id_are_each_their_own() -> None:
    assert stacks(sources(*[HERE] * 5, ids=[None, "", " ", None, None]))["count"].tolist() == [5]


def test_within_a_metre_is_a_stack_and_beyond_is_not() -> None:
    ring = [at(azimuth, 0.99) for azimuth in (0, 90, 180, 270)]
    assert stacks(sources(HERE, *ring))["count"].tolist() == [5]
    wide = [at(azimuth, 1.01) for azimuth in (0, 90, 180, 270)]
    assert stacks(sources(HERE, *wide)).empty


def test_a_chain_in_which_nobody_has_five_within_a_metre_is_no_stack() -> None:
    assert stacks(sources(*[at(90, 0.9 * step) for step in range(10)])).empty


def test_what_touches_a_stack_joins_it() -> None:
    found = stacks(sources(*[HERE] * 5, at(90, 0.9), at(90, 1.8), at(90, 5)))
    assert found["sources"].tolist() == [(1, 2, 3, 4, 5, 6, 7)]


def test_two_stacks_are_two_the_larger_first() -> None:
    found = stacks(sources(*[at(0, 300)] * 5, *[HERE] * 15))
    assert found["count"].tolist() == [15, 5]


def test_ten_thousand_on_one_centroid_are_one_stack() -> None:
    found = stacks(sources(*[HERE] * 10_000))
    assert found["count"].tolist() == [10_000]


def test_polygons_and_empty_frames_do_not_stack() -> None:
    plants = sources(*[HERE] * 6)
    plants.geometry = shapely.buffer(plants.geometry.to_numpy(), 0.001)
    assert stacks(plants).empty
    nothing = stacks(sources())
    assert nothing.empty
    assert {"count", "sources", "geometry"} <= set(nothing.columns)
    assert stacks(sources(HERE)).crs == STORED_CRS


# duplicate ids --------------------------------------------------------------


def test_sources_that_share_an_id_are_listed_and_empty_ids_are_shared_by_none() -> None:
    found = duplicate_ids(sources(*[HERE] * 7, ids=["B", "A", None, "", "A ", "B", "C"]))
    assert found["id"].to_dict() == {1: "B", 2: "A", 5: "A", 6: "B"}
    assert found.index.tolist() == [2, 5, 1, 6]


# stated elsewhere -----------------------------------------------------------


def plan() -> gpd.GeoDataFrame:
    rows = [
        (1, 1, "211100", "盘锦市", None, shapely.box(122, 41, 122.4, 41.2)),
        (2, 2, "211102", "双台子区", 1, shapely.box(122, 41, 122.1, 41.2)),
        (3, 2, "211103", "兴隆台区", 1, shapely.box(122.1, 41, 122.2, 41.2)),
        (4, 2, "211104", "开发区", 1, shapely.box(122.2, 41, 122.3, 41.2)),
        (5, 2, None, "开发区", 1, shapely.box(122.3, 41, 122.4, 41.2)),
    ]
    ids, levels, codes, names, parents, shapes = zip(*rows, strict=True)
    index = pd.Index(ids, dtype="int64")
    return gpd.GeoDataFrame(
        {
            "level": np.array(levels, dtype=np.int64),
            "code": pd.Series(codes, dtype="str", index=index),
            "name": pd.Series(names, dtype="str", index=index),
            "parent": pd.Series(parents, dtype="Int64", index=index),
        },
        geometry=gpd.GeoSeries(shapes, index=index, crs=STORED_CRS),
    )


IN_2, IN_3, IN_4, IN_5, NOWHERE = (
    (122.05, 41.1),
    (122.15, 41.1),
    (122.25, 41.1),
    (122.35, 41.1),
    (123.0, 41.1),
)


def elsewhere(*spots: tuple[float, float], **stated: list[str | None]) -> pd.DataFrame:
    some = sources(*spots, **stated)
    return stated_elsewhere(some, plan(), assign(some, plan()))


def test_a_source_outside_the_grid_of_its_code_is_listed_with_both_grids() -> None:
    found = elsewhere(IN_2, IN_3, codes=["211103", "211103"])
    assert found.index.tolist() == [1]
    assert found["stated"].tolist() == [3]
    assert found["actual"].tolist() == [2]
    assert found["distance_m"].iloc[0] == pytest.approx(GEOD.inv(*IN_2, 122.1, 41.1)[2], abs=0.1)


def test_a_source_in_no_grid_has_no_actual_one() -> None:
    found = elsewhere(NOWHERE, codes=["211103"])
    assert found["actual"].isna().tolist() == [True]


@pytest.mark.parametrize(
    "code", ["211103000000", " 211103 ", "211103.0", "２１１１０３", "211103002", "211103002003"]
)
def test_codes_agree_however_they_are_padded_and_however_fine(code: str) -> None:
    assert elsewhere(IN_3, codes=[code]).empty
    assert elsewhere(IN_2, codes=[code])["stated"].tolist() == [3]


def test_a_code_matches_the_grid_of_its_own_level() -> None:
    assert elsewhere(IN_2, codes=["211100"]).empty
    assert elsewhere(NOWHERE, codes=["211100"])["stated"].tolist() == [1]


def test_a_code_of_an_unlisted_county_names_its_city() -> None:
    assert elsewhere(IN_2, codes=["211199"]).empty
    assert elsewhere(NOWHERE, codes=["211199"])["stated"].tolist() == [1]


def test_short_codes_of_another_scheme_are_not_taken_for_divisions() -> None:
    grids = plan().assign(code=pd.Series(["1", "12", "21", "2111", "9"], dtype="str", index=plan().index))
    assert stated_grids(sources(*[HERE] * 3, codes=["1234", "211199", "12"]), grids).tolist() == [
        pd.NA,
        pd.NA,
        2,
    ]


def test_a_name_is_used_where_the_code_names_nothing() -> None:
    found = elsewhere(IN_2, IN_2, names=[" 兴隆台区 ", "双台子区"], codes=[None, "999999"])
    assert found["stated"].tolist() == [3]


def test_the_code_decides_against_the_name() -> None:
    assert elsewhere(IN_2, codes=["211102"], names=["兴隆台区"]).empty


def test_a_name_of_several_grids_is_elsewhere_only_outside_all_of_them() -> None:
    found = elsewhere(IN_4, IN_5, IN_3, names=["开发区"] * 3)
    assert found.index.tolist() == [3]
    assert found["stated"].tolist() == [4]


def test_a_source_on_the_edge_of_its_stated_grid_is_not_elsewhere() -> None:
    assert elsewhere((122.1, 41.1), codes=["211103"]).empty


def test_unknown_and_missing_statements_say_nothing() -> None:
    assert elsewhere(IN_2, IN_2, IN_2, codes=["PJ-1", None, " "], names=[None, "某区", ""]).empty
    assert elsewhere().empty


def test_the_stated_grid_is_known_only_where_it_is_one() -> None:
    some = sources(
        *[HERE] * 4, codes=["211103", None, None, None], names=["开发区", "开发区", "双台子区", None]
    )
    found = stated_grids(some, plan())
    assert found.index.tolist() == [1, 2, 3, 4]
    assert found.tolist() == [3, pd.NA, 2, pd.NA]
