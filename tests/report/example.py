"""A small town made by hand, with one of everything that an audit can find.

A city of 4 × 2 cells of 0.01°, two counties of 2 × 2, eight towns of which
one is short of its cell (a gap), two lie on each other (an overlap), one sticks
out of the city (a protrusion) and one strip belongs to the other county.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.audit import Audit, FileReport, LevelReport, SourceReport, SurroundingsReport
from gisgrid.crs.verdict import Candidate, CrsStatus, Verdict
from gisgrid.frames import (
    FINDING_COLUMNS,
    STORED_CRS,
    FindingKind,
    Rejected,
    SizeClass,
    check_grids,
    check_receptors,
    check_sources,
    empty_findings,
)
from gisgrid.ingest.table import Mended
from gisgrid.spatial.coverage import Coverage
from gisgrid.spatial.measure import area_m2
from gisgrid.text import Text

WEST, SOUTH, CELL = 122.0, 41.0, 0.01

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
FORMULA = '=HYPERLINK("http://evil.example","click")'
CLOSING = "</script><script>window.hacked=1</script>"


def cell(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A rectangle, its sides in cells from the city's south-west corner."""
    return shapely.box(WEST + west * CELL, SOUTH + south * CELL, WEST + east * CELL, SOUTH + north * CELL)


def spot(x: float, y: float) -> BaseGeometry:
    """A point, in cells from the city's south-west corner."""
    return shapely.Point(WEST + x * CELL, SOUTH + y * CELL)


GRIDS = [
    (1, 1, "2111", "示例市", None, cell(0, 0, 4, 2)),
    (2, 2, "211104", "东示例县", 1, cell(2, 0, 4, 2)),
    (3, 2, "211122", "西示例县", 1, cell(0, 0, 2, 2)),
    (11, 3, "211122001", "甲镇", 3, cell(0, 0, 1, 1)),
    (12, 3, "211122002", HOSTILE, 3, cell(1, 0, 2, 1)),
    (13, 3, "211122003", "辽河口生态经济区管理委员会", 3, cell(0, 1, 0.9, 2)),
    (14, 3, None, "丙街道", 3, cell(1, 1, 2, 2)),
    (15, 3, "211104001", "丁镇", 2, cell(2, 0, 3, 1)),
    (16, 3, "211104002", FORMULA, 2, cell(3, 0, 4, 1)),
    (17, 3, "211104003", "戊镇", 2, cell(2, 0.8, 3, 2)),
    (18, 3, "211104004", None, 2, cell(3, 1, 4.002, 2)),
]


def grids(rows: Sequence[tuple[object, ...]] = GRIDS) -> gpd.GeoDataFrame:
    """Rows of (id, level, code, name, parent, polygon) as a GridFrame."""
    columns = ["id", "level", "code", "name", "parent", "geometry"]
    frame = gpd.GeoDataFrame(list(rows), columns=columns, geometry="geometry", crs=STORED_CRS).set_index("id")
    return check_grids(frame.astype({"code": "str", "name": "str", "parent": "Int64", "level": "int64"}))


FINDINGS = [
    (FindingKind.GAP, 3, 3, (), ((13, 0.62), (14, 0.27)), 95.0, SizeClass.REAL, False, cell(0.9, 1, 1, 2)),
    (FindingKind.OVERLAP, 3, 2, (15, 17), ((16, 0.2),), 210.5, SizeClass.REAL, None, cell(2, 0.8, 3, 1)),
    (FindingKind.PROTRUSION, 3, 2, (18,), (), 16.8, SizeClass.STRIP, None, cell(4, 1, 4.002, 2)),
    (FindingKind.MISNESTED, 3, 3, (17,), ((14, 0.5),), 2.1, SizeClass.SLIVER, None, cell(1.9998, 1, 2, 2)),
    (FindingKind.GAP, 3, 2, (), (), 1.4, SizeClass.SLIVER, True, cell(3.5, 0.5, 3.50002, 0.52)),
]


def findings() -> gpd.GeoDataFrame:
    """The defects of the example's towns as a FindingFrame."""
    rows = [
        (kind, 2, level, parent, owners, neighbours, area_m2([land])[0], width_m, size, enclosed, land)
        for kind, level, parent, owners, neighbours, width_m, size, enclosed, land in FINDINGS
    ]
    frame = gpd.GeoDataFrame(rows, columns=list(FINDING_COLUMNS), geometry="geometry", crs=STORED_CRS)
    frame = frame.astype({"parent_level": "Int64", "parent": "Int64", "enclosed": "boolean"})
    frame = frame.sort_values("area_m2", ascending=False)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="finding")
    return frame


def finding_number(kind: FindingKind, size: SizeClass = SizeClass.REAL) -> int:
    """The number of the example's finding of one kind and size."""
    frame = findings()
    return int(frame.index[(frame["kind"] == kind) & (frame["size_class"] == size)][0])


def no_edge_mismatches() -> gpd.GeoDataFrame:
    """Neighbours that share all their vertices."""
    columns = {"parent": pd.Series(dtype="Int64"), "length_m": pd.Series(dtype="float64")}
    return gpd.GeoDataFrame(columns, geometry=[], crs=STORED_CRS)


def coverages() -> tuple[Coverage, Coverage]:
    """Counties that tile the city, and towns that do not tile the counties."""
    line = shapely.LineString([spot(1, 0).coords[0], spot(1, 1).coords[0]])
    mismatches = gpd.GeoDataFrame(
        {"parent": pd.array([3], "Int64"), "length_m": [1110.0]}, geometry=[line], crs=STORED_CRS
    )
    noise = dict.fromkeys(FindingKind, 0)
    return (
        Coverage(1, 2, empty_findings(), noise, (), no_edge_mismatches(), 0.0),
        Coverage(2, 3, findings(), noise | {FindingKind.GAP: 7}, (2,), mismatches, 1234.5),
    )


def file_report(file: str = "towns.shp", *, crs: str = "EPSG:4490", dirty: bool = False) -> FileReport:
    """How a file was read."""
    return FileReport(
        file=file,
        format="Shapefile",
        crs=crs,
        encoding="GB18030",
        fields={"code": "街道编码", "name": "名称"},
        rejected=(
            Rejected(3, Text(zh="没有坐标。", en="No coordinates."), "S-3"),
            Rejected(9, Text(zh="=经度不是数字。", en="=The longitude is no number.")),
        )
        if dirty
        else (),
        mended=(Mended(2, Text(zh="边界自相交。", en="The outline crosses itself.")),) if dirty else (),
        notes=(Text(zh="读取了第一个图层。", en="The first layer was read."),),
    )


def levels(frame: gpd.GeoDataFrame) -> tuple[LevelReport, ...]:
    """One report a level, each from a file of its own."""
    return tuple(
        LevelReport(
            level=int(level),
            label=None,
            source=file_report(f"level{level}.shp", dirty=level == 3),
            grids=len(rows),
            parts=len(rows) + (level == 3),
            area_m2=float(area_m2(rows.geometry.to_numpy()).sum()),
            duplicate_codes=("211122001",) if level == 3 else (),
            code_mismatches=(14,) if level == 3 else (),
        )
        for level, rows in frame.groupby("level")
    )


SOURCES = [
    (2, "S-1", "示例化工厂", "enterprise", "C", None, None, "given", spot(0.5, 0.5)),
    (4, "S-2", HOSTILE, "enterprise", "A类", "211122002", None, "given", spot(1.5, 0.5)),
    (5, "S-3", FORMULA, "construction", "B", None, "甲镇", "swapped", spot(1.2, 1.4)),
    (6, "S-4", "示例养殖场", "rural", None, None, None, "ambiguous", spot(2.5, 0.5)),
    (7, "S-5", "示例电镀厂", "enterprise", "C", None, None, "given", spot(0.95, 1.5)),
    (8, "S-6", CLOSING, "water", "b", None, None, "given", spot(5.0, 1.0)),
    *[
        (10 + n, "S-7", f"示例商户{n}", "enterprise", "A", None, None, "given", spot(3.4, 1.4))
        for n in range(5)
    ],
]


def sources() -> SourceReport:
    """Eleven located sources of thirteen rows: one in a gap, one outside, five in one place."""
    columns = [
        "row",
        "id",
        "name",
        "kind",
        "source_class",
        "stated_code",
        "stated_name",
        "location",
        "geometry",
    ]
    frame = gpd.GeoDataFrame(SOURCES, columns=columns, geometry="geometry", crs=STORED_CRS)
    text = dict.fromkeys(columns[1:8], "str")
    frame = frame.astype(text)
    frame["raw_x"], frame["raw_y"] = frame.geometry.x, frame.geometry.y
    frame.loc[2, ["raw_x", "raw_y"]] = frame.loc[2, ["raw_y", "raw_x"]].to_numpy()
    frame.index = pd.RangeIndex(0, len(frame))
    grid = {1: [1] * 11, 2: [3, 3, 3, 2, 3, None] + [2] * 5, 3: [11, 12, 14, 15, None, None] + [18] * 5}
    grid[1][5] = None
    assigned = pd.DataFrame({level: pd.array(ids, "Int64") for level, ids in grid.items()}, index=frame.index)
    uncovered = pd.DataFrame(
        {
            "reason": ["gap", "outside"],
            "level": pd.array([3, 1], "Int64"),
            "nearest": pd.array([13, 18], "Int64"),
            "distance_m": [42.0, 838.4],
            "finding": pd.array([finding_number(FindingKind.GAP), pd.NA], "Int64"),
        },
        index=[4, 5],
    )
    stacks = gpd.GeoDataFrame(
        {"count": [5], "sources": [(6, 7, 8, 9, 10)]}, geometry=[spot(3.4, 1.4)], crs=STORED_CRS
    )
    elsewhere = pd.DataFrame(
        {"stated": pd.array([11], "Int64"), "actual": pd.array([14], "Int64"), "distance_m": [480.2]},
        index=[2],
    )
    return SourceReport(
        source=file_report("register.csv", crs="gcj02", dirty=True),
        rows=13,
        frame=check_sources(frame),
        assigned=assigned,
        uncovered=uncovered,
        stacks=stacks,
        stated_elsewhere=elsewhere,
        duplicate_ids=pd.DataFrame({"id": ["S-7"] * 5}, index=[6, 7, 8, 9, 10]),
    )


def surroundings() -> SurroundingsReport:
    """A school close to one source, which also stands inside a reserve."""
    rows = [
        (2, "R-1", "示例小学", "school", spot(0.52, 0.5)),
        (3, "R-2", HOSTILE, "reserve", cell(0.3, 0.3, 0.7, 0.7)),
    ]
    frame = gpd.GeoDataFrame(
        rows, columns=["row", "id", "name", "kind", "geometry"], geometry="geometry", crs=STORED_CRS
    )
    around = pd.DataFrame(
        [
            (0, 500.0, "school", 1, 0, 16.8, 90.0),
            (0, 500.0, "reserve", 1, 1, 0.0, float("nan")),
            (0, 5000.0, "school", 1, 0, 16.8, 90.0),
            (1, 5000.0, "reserve", 1, 1, 672.4, 271.5),
        ],
        columns=["source", "ring_m", "kind", "count", "nearest", "distance_m", "bearing_deg"],
    )
    return SurroundingsReport(
        source=file_report("receptors.geojson"),
        rows=2,
        rings_m=(500.0, 5000.0),
        frame=check_receptors(frame.astype({"id": "str", "name": "str", "kind": "str"})),
        around=around,
    )


def verdicts() -> tuple[tuple[str, Verdict], ...]:
    """A declared CRS, a detected one, and one that nobody can tell."""
    fits = Candidate("gcj02", (), 0.998, 0.97, 0.0)
    alike = Candidate("EPSG:4490", ("EPSG:4326", "EPSG:4610"), 0.995, 0.96, 0.8)
    declared = Verdict(
        CrsStatus.DECLARED,
        "EPSG:4490",
        (),
        Text(zh="文件声明 EPSG:4490。", en="The file declares EPSG:4490."),
    )
    detected = Verdict(
        CrsStatus.DETECTED,
        "gcj02",
        (fits, alike),
        Text(zh="99.8 % 的点落在区域内。", en="99.8 % of the points fall inside the region."),
    )
    unresolved = Verdict(
        CrsStatus.UNRESOLVED,
        None,
        (fits, alike),
        Text(zh="两个坐标系同样合适。", en="Two coordinate systems fit alike."),
    )
    return (("level3.shp", declared), ("register.csv", detected), ("receptors.geojson", unresolved))


def full_audit() -> Audit:
    """One of everything."""
    frame = grids()
    return Audit(
        levels=levels(frame),
        grids=frame,
        coverage=coverages(),
        sources=sources(),
        surroundings=surroundings(),
        metric_crs=("EPSG:4550",),
        evidence=verdicts(),
    )


def single_level_audit() -> Audit:
    """One grid, no sources, no receptors, nothing found."""
    frame = grids(GRIDS[:1])
    coverage = Coverage(None, 1, empty_findings(), {}, (), no_edge_mismatches(), 0.0)
    return Audit(levels(frame), frame, (coverage,), None, None, ("EPSG:4550",), ())
