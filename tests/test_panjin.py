"""The demo region holds what its planted.json says, and nothing else.

First by plain overlay, which knows nothing of gisgrid's own detection.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from gisgrid.audit import Audit, AuditRequest, LevelFile, PointFile, run

PANJIN = Path(__file__).parent.parent / "data" / "panjin"
PLANTED = json.loads((PANJIN / "planted.json").read_text("utf-8"))
NOISE_M = 0.2
GEOD = Geod(ellps="GRS80")


def planted(kind: str, level: int | None = None) -> list[dict]:
    return [
        each
        for each in PLANTED["findings"]
        if each["kind"] == kind and (level is None or each["level"] == level)
    ]


@pytest.fixture(scope="module")
def levels() -> dict[int, gpd.GeoDataFrame]:
    return {level: gpd.read_file(PANJIN / f"level{level}.geojson").set_index("name") for level in (1, 2, 3)}


@pytest.fixture(scope="module")
def sources() -> pd.DataFrame:
    return pd.read_csv(PANJIN / "sources.csv", dtype={"所属网格编码": str}).set_index("污染源编号")


def area_m2(geometry: shapely.Geometry) -> float:
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(geometry, 0.001))[0])


def pieces(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """Its polygons, without those that vanish when 0.2 m wide."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return [part for part in polygons if not part.buffer(-NOISE_M / 2 * 1e-5).is_empty]


def assert_same_land(found: list[shapely.Geometry], expected: list[dict]) -> None:
    assert len(found) == len(expected)
    for finding in expected:
        (match,) = [each for each in found if each.contains(shapely.Point(finding["point"]))]
        assert area_m2(match) == pytest.approx(finding["area_m2"], rel=1e-5), finding["id"]


def parent_names(levels: dict[int, gpd.GeoDataFrame], level: int) -> pd.Series:
    """What each grid's parent field means: a code of the coarser level, else a name."""
    coarser = levels[level - 1]
    by_code = {code: name for name, code in coarser["code"].items() if isinstance(code, str)}
    return levels[level]["parent"].map(lambda value: by_code.get(value, value))


def test_the_issue_s_counts_are_planted() -> None:
    kinds = Counter(each["kind"] for each in PLANTED["findings"])
    assert kinds == {"gap": 6, "overlap": 6, "protrusion": 2, "misnested": 2}
    counted = PLANTED["sources"]
    assert [len(counted[each]) for each in ("swapped", "stack", "outside")] == [20, 15, 12]
    assert {each["size_class"] for each in PLANTED["findings"]} == {"sliver", "strip", "real"}
    assert {each["enclosed"] for each in planted("gap")} == {True, False}


@pytest.mark.parametrize("level", [1, 2, 3])
def test_every_grid_is_a_valid_polygon_of_six_decimals(levels: dict, level: int) -> None:
    polygons = levels[level].geometry
    assert polygons.is_valid.all()
    assert not polygons.is_empty.any()
    xy = shapely.get_coordinates(polygons.array)
    np.testing.assert_array_equal(xy, np.round(xy, 6))


@pytest.mark.parametrize("level", [2, 3])
def test_overlay_finds_exactly_the_planted_overlaps(levels: dict, level: int) -> None:
    pairs = itertools.combinations(levels[level].geometry.items(), 2)
    shared = [
        part
        for (_, one), (_, other) in pairs
        if one.intersects(other)
        for part in pieces(one.intersection(other))
    ]
    triple = [each for each in planted("overlap", level) if len(each["owners"]) == 3]
    land = shapely.get_parts(shapely.union_all(shared))
    assert len(shared) == len(planted("overlap", level)) + 2 * len(triple)
    assert_same_land(list(land), planted("overlap", level))


@pytest.mark.parametrize("level", [2, 3])
def test_overlay_finds_exactly_the_planted_gaps_and_protrusions(levels: dict, level: int) -> None:
    children = levels[level].union_all()
    parents = levels[level - 1].union_all()
    assert_same_land(pieces(parents.difference(children)), planted("gap", level))
    assert_same_land(pieces(children.difference(parents)), planted("protrusion", level))


def test_level_2_tiles_level_1_where_nothing_is_planted(levels: dict) -> None:
    differing = levels[2].union_all().symmetric_difference(levels[1].union_all())
    wrong = [*planted("gap", 2), *planted("protrusion", 2)]
    assert area_m2(shapely.union_all(pieces(differing))) == pytest.approx(
        sum(each["area_m2"] for each in wrong), rel=1e-5
    )
    beside = [part for part in shapely.get_parts(differing) if part not in pieces(differing)]
    assert sum(area_m2(part) for part in beside) < 0.01


def test_only_the_planted_grids_lie_on_another_parent_s_land(levels: dict) -> None:
    stated = parent_names(levels, 3)
    land = levels[2].geometry
    elsewhere = [
        name
        for name, polygon in levels[3].geometry.items()
        if polygon.intersection(land[stated[name]]).area < 0.9 * polygon.area
    ]
    assert sorted(elsewhere) == sorted(each["owners"][0] for each in planted("misnested"))
    for finding in planted("misnested"):
        assert land[finding["parent"]].contains(levels[3].geometry[finding["owners"][0]])


def test_apart_from_what_is_planted_every_edge_is_shared(levels: dict) -> None:
    """Cut the planted land out of level 3 and put the gaps in: a coverage to the last vertex."""
    wrong = shapely.union_all(
        [
            each
            for level in (2, 3)
            for one, other in itertools.combinations(levels[level].geometry, 2)
            if one.intersects(other)
            for each in pieces(one.intersection(other))
        ]
    )
    kept = [grid.difference(wrong) for grid in levels[3].geometry]
    gaps = pieces(levels[1].union_all().difference(levels[3].union_all()))
    assert shapely.coverage_is_valid(np.array([*kept, *shapely.get_parts(wrong), *gaps]))


def test_zones_have_no_code_and_their_townships_name_them(levels: dict) -> None:
    zones = levels[2][levels[2]["code"].isna()]
    assert sorted(zones.index) == ["辽东湾新区", "辽河口生态经济区"]
    assert set(zones.index) < set(levels[3]["parent"])
    assert levels[3]["category"].eq("园区").any()
    assert levels[3]["indicative"].all()


def test_sources_lie_where_the_list_says(levels: dict, sources: pd.DataFrame) -> None:
    counted = PLANTED["sources"]
    assert len(sources) == counted["rows"] == 1200
    assert sources.index.is_unique
    swapped = sources["经度"].between(40, 42) & sources["纬度"].between(121, 123)
    assert sorted(sources.index[swapped]) == counted["swapped"]
    points = gpd.GeoSeries(
        gpd.points_from_xy(
            sources["经度"].where(~swapped, sources["纬度"]), sources["纬度"].where(~swapped, sources["经度"])
        ),
        index=sources.index,
        crs="EPSG:4326",
    )
    outside = ~points.within(levels[1].union_all())
    assert sorted(points.index[outside]) == counted["outside"]
    uncovered = ~points.within(levels[3].union_all()) & ~outside
    assert sorted(points.index[uncovered]) == counted["in_gaps"]
    assert swapped[outside].sum() == 0


def test_only_one_place_holds_five_sources(sources: pd.DataFrame) -> None:
    where = sources.groupby(["经度", "纬度"]).size()
    assert where[where > 1].to_dict() == {tuple(PLANTED["sources"]["stack_at"]): 15}


def test_every_source_and_receptor_is_called_an_example(sources: pd.DataFrame) -> None:
    receptors = pd.read_csv(PANJIN / "receptors.csv")
    assert sources["名称"].str.contains("示例").all()
    assert receptors["名称"].str.contains("示例").all()
    assert set(sources["管理类别"]) == {"A", "B", "C", "待定"}
    assert sources["类型"].nunique() == 5
    assert sources["统一社会信用代码"].str.startswith("91999999").all()


def test_the_readme_lists_every_planted_defect() -> None:
    readme = (PANJIN / "README.md").read_text("utf-8")
    for each in PLANTED["findings"]:
        rows = [line for line in readme.splitlines() if line.startswith(f"| {each['id']} |")]
        assert len(rows) == 2, each["id"]  # Chinese and English
        for row in rows:
            assert f"| {each['area_m2']:,.0f} | {each['width_m']:,.2f} " in row
            assert f" | {len(each['sources'])} | " in row


@pytest.fixture(scope="module")
def audit() -> Audit:
    return run(
        AuditRequest(
            tuple(LevelFile(PANJIN / f"level{level}.geojson") for level in (1, 2, 3)),
            sources=PointFile(PANJIN / "sources.csv", crs="EPSG:4490"),
            receptors=PointFile(PANJIN / "receptors.csv", crs="EPSG:4490"),
        )
    )


def findings(audit: Audit) -> pd.DataFrame:
    """All findings of the audit with names for ids."""
    name = audit.grids["name"]
    every = pd.concat([each.findings for each in audit.coverage], ignore_index=True)
    return every.assign(
        parent=every["parent"].map(name),
        owners=[tuple(sorted(name[owner] for owner in owners)) for owners in every["owners"]],
    )


def test_the_audit_finds_each_planted_defect_with_its_size(audit: Audit) -> None:
    found = findings(audit)
    for each in PLANTED["findings"]:
        here = found[
            (found["kind"] == each["kind"])
            & (found["child_level"] == each["level"])
            & (found["parent"] == each["parent"])
            & (found["owners"] == tuple(sorted(each["owners"])))
            & found.geometry.contains(shapely.Point(each["point"]))
        ]
        assert len(here) == 1, each["id"]
        (match,) = here.itertuples()
        assert match.area_m2 == pytest.approx(each["area_m2"], rel=0.005), each["id"]
        assert match.width_m == pytest.approx(each["width_m"], rel=0.02), each["id"]
        assert match.size_class == each["size_class"], each["id"]
        if each["enclosed"] is not None:
            assert match.enclosed == each["enclosed"], each["id"]


def test_the_audit_finds_no_other_defect(audit: Audit) -> None:
    assert len(findings(audit)) == len(PLANTED["findings"]) == 16
    for each in audit.coverage:
        assert sum(each.noise.values()) == 0
        assert each.undivided == ()
        assert each.edge_matched


def test_the_audit_corrects_the_swapped_points_and_no_other(audit: Audit) -> None:
    frame = audit.sources.frame
    assert sorted(frame["id"][frame["location"] == "swapped"]) == PLANTED["sources"]["swapped"]
    assert (frame["location"] == "ambiguous").sum() == 0


def test_the_audit_finds_the_one_stack(audit: Audit) -> None:
    (stack,) = audit.sources.stacks.itertuples()
    assert sorted(audit.sources.frame["id"].loc[list(stack.sources)]) == PLANTED["sources"]["stack"]


def test_the_audit_finds_the_uncovered_sources_and_why(audit: Audit) -> None:
    uncovered = audit.sources.uncovered
    names = audit.sources.frame["id"].loc[uncovered.index]
    assert sorted(names[uncovered["reason"] == "outside"]) == PLANTED["sources"]["outside"]
    assert sorted(names[uncovered["reason"] == "gap"]) == PLANTED["sources"]["in_gaps"]
    assert len(uncovered) == 20


def test_the_audit_knows_the_sources_inside_each_gap(audit: Audit) -> None:
    uncovered = audit.sources.uncovered
    names = audit.sources.frame["id"]
    for each in planted("gap"):
        coverage = next(one for one in audit.coverage if one.child_level == each["level"])
        inside = coverage.findings.geometry.contains(shapely.Point(each["point"]))
        here = (uncovered["finding"] == inside.idxmax()) & (uncovered["level"] == each["level"])
        assert sorted(names[uncovered.index[here.fillna(False)]]) == each["sources"], each["id"]


def test_the_audit_has_nothing_else_to_say_of_the_registers(audit: Audit) -> None:
    assert audit.sources.rows == len(audit.sources.frame) == 1200
    assert audit.surroundings.rows == len(audit.surroundings.frame) == 800
    assert audit.sources.source.rejected == ()
    assert audit.sources.stated_elsewhere.empty
    assert audit.sources.duplicate_ids.empty
    assert set(audit.surroundings.frame["kind"]) == {
        *("学校", "医院", "居民区", "饮用水水源地", "自然保护区", "河流")
    }


def test_the_registers_columns_mean_what_they_say(audit: Audit, sources: pd.DataFrame) -> None:
    frame = audit.sources.frame.set_index("id").loc[sources.index]
    assert (frame["kind"] == sources["类型"]).all()
    assert (frame["source_class"] == sources["管理类别"]).all()
    assert (frame["stated_name"].fillna("") == sources["所属网格名称"].fillna("")).all()


def test_the_levels_are_read_with_their_parents(audit: Audit, levels: dict) -> None:
    assert [each.grids for each in audit.levels] == [1, 6, 53]
    assert [each.duplicate_codes for each in audit.levels] == [(), (), ()]
    name = audit.grids["name"]
    third = audit.grids[audit.grids["level"] == 3].set_index("name")
    assert third["parent"].map(name).to_dict() == parent_names(levels, 3).to_dict()
