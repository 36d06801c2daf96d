"""From files on disk to an Audit: what must hold across the seams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.audit import Audit, AuditRequest, LevelFile, PointFile, run
from gisgrid.crs import from_lonlat, geometries_from_lonlat
from gisgrid.crs.verdict import CrsStatus
from gisgrid.errors import BrokenHierarchy, UnknownCrs, WrongGeometry
from tests.squares import ORIGIN, box, level, place

pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")  # undeclared on purpose

CITY = {"211100": box(0, 0, 20_000, 10_000)}
COUNTIES = {"211102": box(0, 0, 10_000, 10_000), "211103": box(10_000, 0, 20_000, 10_000)}
PARENTS = dict.fromkeys(COUNTIES, "211100")


def grids(folder: Path, name: str, rows: gpd.GeoDataFrame, crs: str = "EPSG:4490") -> Path:
    """A GeoPackage of grids; "gcj02", or a CRS followed by "?", is not declared in it."""
    there = rows.set_geometry(
        gpd.GeoSeries(geometries_from_lonlat(rows.geometry.to_numpy(), crs.rstrip("?")), index=rows.index)
    )
    declared = crs if crs.upper().startswith("EPSG") and not crs.endswith("?") else None
    file = folder / f"{name}.gpkg"
    there.set_crs(declared, allow_override=True).to_file(file)
    return file


def register(
    folder: Path, points: Mapping[str, tuple[float, float]], crs: str = "EPSG:4490", **columns: object
) -> Path:
    """A CSV of points given in metres around the origin."""
    at = shapely.get_coordinates([place(shapely.Point(*each)) for each in points.values()])
    x, y = from_lonlat(at[:, 0], at[:, 1], crs)
    frame = pd.DataFrame({"编号": list(points), "经度": x, "纬度": y, **columns})
    file = folder / "register.csv"
    frame.to_csv(file, index=False)
    return file


@pytest.fixture
def city(tmp_path: Path) -> LevelFile:
    return LevelFile(grids(tmp_path, "city", level(CITY)))


@pytest.fixture
def counties(tmp_path: Path) -> LevelFile:
    return LevelFile(grids(tmp_path, "counties", level(COUNTIES, PARENTS)))


def findings(audit: Audit) -> list[str]:
    return [str(kind) for each in audit.coverage for kind in each.findings["kind"]]


def evenly(count: int = 400) -> dict[str, tuple[float, float]]:
    """Points all over the city, many of them near its counties' lines."""
    random = np.random.default_rng(7)
    x, y = random.uniform(5, 19_995, count), random.uniform(5, 9_995, count)
    x[::2] = np.where(random.random(count)[::2] < 0.5, 10_000, 0) + random.uniform(5, 300, count)[::2]
    return {f"S{n:03d}": (float(a), float(b)) for n, (a, b) in enumerate(zip(x, y, strict=True))}


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4550", "EPSG:32651"])
def test_t_junctions_open_no_gap_in_whatever_plane_the_files_were_drawn(tmp_path: Path, crs: str) -> None:
    west, south, east, north = geometries_from_lonlat([CITY["211100"]], crs)[0].bounds
    middle = (west + east) / 2
    drawn = {
        "211102": shapely.box(west, south, middle, north),
        "211103": shapely.box(middle, south, east, north),
    }
    whole = level({"211100": shapely.box(west, south, east, north)})
    declared = crs if crs.startswith("EPSG") else None
    files = []
    for name, rows in {"city": whole, "counties": level(drawn, PARENTS)}.items():
        file = tmp_path / f"{name}.gpkg"
        rows.set_crs(declared, allow_override=True).to_file(file)
        files.append(LevelFile(file, crs))
    audit = run(AuditRequest(tuple(files)))
    assert findings(audit) == []
    assert not audit.coverage[0].edge_matched
    assert len(audit.coverage[0].edge_mismatches) == 2  # the city's southern and northern edge


def test_an_undeclared_level_is_placed_by_the_level_above(tmp_path: Path, city: LevelFile) -> None:
    file = grids(tmp_path, "counties", level(COUNTIES, PARENTS), "gcj02")
    audit = run(AuditRequest((city, LevelFile(file, "auto"))))
    assert audit.levels[1].source.crs == "gcj02"
    assert dict(audit.evidence)["counties.gpkg"].status is CrsStatus.DETECTED
    assert findings(audit) == []


def test_an_undeclared_level_without_auto_is_refused_and_the_candidate_named(
    tmp_path: Path, city: LevelFile
) -> None:
    file = grids(tmp_path, "counties", level(COUNTIES, PARENTS), "gcj02")
    with pytest.raises(UnknownCrs, match="gcj02"):
        run(AuditRequest((city, LevelFile(file))))


def test_an_undeclared_coarsest_level_is_placed_by_the_one_below(tmp_path: Path, counties: LevelFile) -> None:
    file = grids(tmp_path, "city", level(CITY), "EPSG:4550?")
    audit = run(AuditRequest((LevelFile(file, "auto"), counties)))
    assert audit.levels[0].source.crs == "EPSG:4550"


def test_sources_in_gauss_kruger_metres_are_recognised_by_their_stated_grid(
    tmp_path: Path, city: LevelFile, counties: LevelFile
) -> None:
    points = evenly()
    stated = ["211102" if x < 10_000 else "211103" for x, _ in points.values()]
    file = register(tmp_path, points, "EPSG:4550", 所属网格编码=stated)
    audit = run(AuditRequest((city, counties), sources=PointFile(file, "auto")))
    assert audit.sources is not None
    assert audit.sources.source.crs == "EPSG:4550"
    assert audit.sources.uncovered.empty
    assert audit.sources.stated_elsewhere.empty


def test_swapped_rows_are_corrected_in_a_shifted_datum_too_and_keep_their_raw_values(
    tmp_path: Path, city: LevelFile
) -> None:
    file = register(tmp_path, {"a": (100, 100), "b": (5000, 5000)}, "gcj02")
    frame = pd.read_csv(file)
    frame.loc[1, ["经度", "纬度"]] = frame.loc[1, ["纬度", "经度"]].to_numpy()
    frame.to_csv(file, index=False)
    audit = run(AuditRequest((city,), sources=PointFile(file, "gcj02")))
    assert audit.sources is not None
    assert audit.sources.frame["location"].tolist() == ["given", "swapped"]
    expected = shapely.get_coordinates(place(shapely.Point(5000, 5000)))[0]
    assert shapely.get_coordinates(audit.sources.frame.geometry.iloc[1])[0] == pytest.approx(
        expected, abs=1e-9
    )
    assert audit.sources.frame["raw_x"].iloc[1] == pytest.approx(expected[1], abs=0.1)


def test_bad_rows_come_back_with_their_number_and_the_others_go_on(tmp_path: Path, city: LevelFile) -> None:
    file = tmp_path / "register.csv"
    file.write_text(
        "编号,经度,纬度\n好,123.01,41.01\n零,0,0\n空,,\n字,abc,41\n远,500,41\n无穷,inf,41\n", encoding="utf-8"
    )
    audit = run(AuditRequest((city,), sources=PointFile(file, "EPSG:4490")))
    assert audit.sources is not None
    assert audit.sources.rows == 6
    assert audit.sources.frame["id"].tolist() == ["好"]
    assert {each.id: each.row for each in audit.sources.source.rejected} == {
        "零": 3, "空": 4, "字": 5, "远": 6, "无穷": 7,
    }  # fmt: skip
    reasons = {each.id: each.reason.en for each in audit.sources.source.rejected}
    assert "range" in reasons["远"]


def test_allowed_gaps_are_read_in_the_grids_own_crs_if_they_say_nothing(tmp_path: Path) -> None:
    holed = {"211102": box(0, 0, 10_000, 10_000), "211103": box(11_000, 0, 20_000, 10_000)}
    sea = {"sea": box(10_000, -10, 11_000, 10_010)}
    audit = run(
        AuditRequest(
            (
                LevelFile(grids(tmp_path, "city", level(CITY), "gcj02"), "gcj02"),
                LevelFile(grids(tmp_path, "counties", level(holed, PARENTS), "gcj02"), "gcj02"),
            ),
            allowed_gaps=grids(tmp_path, "sea", level(sea), "gcj02"),
        )
    )
    assert findings(audit) == []
    assert audit.coverage[0].allowed_area_m2 == pytest.approx(1e7, rel=1e-2)


def test_allowed_gaps_in_a_format_of_degrees_fit_projected_grids(tmp_path: Path) -> None:
    holed = {"211102": box(0, 0, 10_000, 10_000), "211103": box(11_000, 0, 20_000, 10_000)}
    sea = tmp_path / "sea.geojson"
    level({"sea": box(10_000, -10, 11_000, 10_010)}).to_crs(4326).to_file(sea)
    files = (
        LevelFile(grids(tmp_path, "city", level(CITY), "EPSG:4550")),
        LevelFile(grids(tmp_path, "counties", level(holed, PARENTS), "EPSG:4550")),
    )
    audit = run(AuditRequest(files, allowed_gaps=sea))
    assert findings(audit) == []
    assert dict(audit.evidence)["sea.geojson"].status is CrsStatus.BY_FORMAT


def test_parts_that_touch_once_converted_are_mended_and_told(tmp_path: Path) -> None:
    parts = [
        shapely.box(500_000, 3.5e6, 501_000, 3_501_000),
        shapely.box(501_000 + 5e-10, 3_500_200, 501_100, 3_500_300),
    ]
    file = tmp_path / "parts.gpkg"
    level({"a": shapely.MultiPolygon(parts)}).set_crs("EPSG:32650", allow_override=True).to_file(file)
    audit = run(AuditRequest((LevelFile(file),)))
    assert len(audit.grids) == 1
    assert audit.levels[0].area_m2 == pytest.approx(1.01e6, rel=1e-2)
    assert [each.row for each in audit.levels[0].source.mended] == [1]


def test_an_uncovered_source_names_the_finding_that_it_lies_in(tmp_path: Path, city: LevelFile) -> None:
    holed = {"211102": box(0, 0, 10_000, 10_000), "211103": box(11_000, 0, 20_000, 10_000)}
    file = grids(tmp_path, "counties", level(holed, PARENTS))
    points = register(tmp_path, {"in": (10_500, 5000), "out": (30_000, 5000), "fine": (5000, 5000)})
    audit = run(AuditRequest((city, LevelFile(file)), sources=PointFile(points, "EPSG:4490")))
    assert audit.sources is not None
    missed = audit.sources.uncovered
    assert missed["reason"].tolist() == ["gap", "outside"]
    assert missed["finding"].tolist() == [1, pd.NA]
    assert missed["distance_m"].iloc[0] == pytest.approx(500, rel=1e-2)


def test_receptors_are_counted_around_sources(tmp_path: Path, city: LevelFile) -> None:
    sources = register(tmp_path, {"a": (5000, 5000)})
    sources = sources.rename(tmp_path / "sources.csv")
    receptors = register(tmp_path, {"r1": (5300, 5000), "r2": (5000, 9000)}, 类型=["学校", "学校"])
    audit = run(
        AuditRequest(
            (city,), sources=PointFile(sources, "EPSG:4490"), receptors=PointFile(receptors, "EPSG:4490")
        )
    )
    assert audit.surroundings is not None
    around = audit.surroundings.around.set_index("ring_m")
    assert around["count"].to_dict() == {500.0: 1, 5000.0: 2}
    assert around.loc[500.0, "distance_m"] == pytest.approx(300, rel=1e-3)
    assert around.loc[500.0, "bearing_deg"] == pytest.approx(90, abs=0.5)


def test_a_file_without_polygons_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "points.geojson"
    gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Point(ORIGIN)], crs="EPSG:4326").to_file(file)
    with pytest.raises(WrongGeometry):
        run(AuditRequest((LevelFile(file),)))


def test_a_cycle_of_parents_in_one_file_is_refused(tmp_path: Path) -> None:
    rows = level({"a": box(0, 0, 1000, 1000), "b": box(0, 0, 500, 1000)}, {"a": "b", "b": "a"})
    rows["级别"] = ["市", "县"]
    file = grids(tmp_path, "all", rows)
    request = AuditRequest((LevelFile(file, fields={"level": "级别"}),), levels=("市", "县"))
    with pytest.raises(BrokenHierarchy):
        run(request)


def test_rows_of_levels_that_were_not_asked_for_are_told(tmp_path: Path) -> None:
    rows = level({**CITY, "x": box(0, 0, 1000, 1000)})
    rows["级别"] = ["市", "村"]
    file = grids(tmp_path, "all", rows)
    audit = run(AuditRequest((LevelFile(file, fields={"level": "级别"}),), levels=("市",)))
    assert [note.zh for note in audit.levels[0].source.notes] == ["1 行属于其他级别（村），没有读入。"]


def test_derived_outlines_stay_marked_as_indicative(tmp_path: Path) -> None:
    rows = level(COUNTIES)
    rows["示意"] = ["是", "否"]
    audit = run(AuditRequest((LevelFile(grids(tmp_path, "counties", rows)),)))
    assert audit.grids["indicative"].tolist() == [True, False]


def test_the_result_does_not_depend_on_row_order(tmp_path: Path, city: LevelFile) -> None:
    holed = level({"211103": box(11_000, 0, 20_000, 10_000), "211102": box(0, 0, 10_500, 10_000)}, PARENTS)
    one = run(AuditRequest((city, LevelFile(grids(tmp_path, "one", holed)))))
    other = run(AuditRequest((city, LevelFile(grids(tmp_path, "other", holed.iloc[::-1])))))
    assert one.grids["code"].tolist() == other.grids["code"].tolist()
    assert one.coverage[0].findings["owners"].tolist() == other.coverage[0].findings["owners"].tolist()
