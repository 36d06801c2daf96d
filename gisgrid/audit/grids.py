"""Level files read, placed in EPSG:4490 and put under each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gisgrid.audit.request import AuditRequest, LevelFile
from gisgrid.audit.result import FileReport, LevelReport
from gisgrid.audit.settle import known, settle
from gisgrid.crs import detect_polygons, geometries_to_lonlat, normalise
from gisgrid.crs.names import reads_degrees
from gisgrid.crs.plane import SHIFTED, base_name, is_lonlat
from gisgrid.crs.verdict import CrsStatus, Verdict
from gisgrid.errors import BrokenHierarchy, WrongGeometry
from gisgrid.frames import STORED_CRS, GridFrame, Rejected
from gisgrid.ingest.fields import detect
from gisgrid.ingest.grids import GridRows, grid_rows
from gisgrid.ingest.synonyms import Role
from gisgrid.ingest.table import Mended, Table
from gisgrid.spatial.edges import Geometries, share_vertices, vertex_hashes
from gisgrid.spatial.hierarchy import Hierarchy, assemble
from gisgrid.spatial.matching import INSERTED
from gisgrid.spatial.measure import area_m2
from gisgrid.text import Text

SHARE_TOLERANCE_M = 0.05
"""How far from an edge a neighbour's vertex may lie to be inserted: a quarter of what is noise."""

INDICATIVE = "indicative"
_YES = frozenset({"true", "1", "1.0", "yes", "y", "是", "示意"})

METRES_PER_DEGREE = 111_000.0


@dataclass(frozen=True)
class Grids:
    """All levels, and how they came to be."""

    hierarchy: Hierarchy
    levels: tuple[LevelReport, ...]
    evidence: tuple[tuple[str, Verdict], ...]

    @property
    def frame(self) -> GridFrame:
        """The grids of all levels."""
        return self.hierarchy.grids


@dataclass(frozen=True)
class _Read:
    file: LevelFile
    table: Table
    fields: dict[str, str]
    rows: GridRows

    @property
    def polygons(self) -> Geometries:
        return np.asarray(self.rows.frame.geometry.to_numpy(), dtype=object)


def place_grids(request: AuditRequest, tables: Mapping[Path, Table]) -> Grids:
    """Make grids of the level files of a request.

    Raises
    ------
    InputError
        If a file has no usable polygon, declares no CRS and none
        is clear, lacks a named level, or has cyclic parents.
    """
    read = [_read(file, tables[file.path], request) for file in request.level_files]
    verdicts = _settle(read)
    names = [str(verdict.crs) for verdict in verdicts]
    frames: list[gpd.GeoDataFrame] = []
    files: list[FileReport] = []
    for each, name, geometry in zip(read, names, _placed(read, names), strict=True):
        on_earth = _on_earth(each.rows.frame, geometry)
        rejected = each.table.rejected + each.rows.rejected + on_earth.rejected
        if on_earth.rows.empty:
            raise _no_polygons(each.table, rejected)
        frames.append(on_earth.rows)
        files.append(_file_report(each, name, rejected, on_earth.mended))
    labels: Sequence[str | None] = [None] * len(frames)
    if request.levels:
        labels = request.levels
        files = [_with_ignored(files[0], frames[0], request.levels)] * len(labels)
        frames = _by_label(frames[0], request.levels, read[0])
    hierarchy = assemble(frames)
    levels = tuple(
        _level_report(level, label, file, hierarchy)
        for level, (label, file) in enumerate(zip(labels, files, strict=True), start=1)
    )
    return Grids(
        hierarchy,
        levels,
        tuple((each.table.file, verdict) for each, verdict in zip(read, verdicts, strict=True)),
    )


@dataclass(frozen=True)
class AllowedGaps:
    """Land that need not be covered, EPSG:4490; `polygons` is None where no file names any."""

    polygons: Geometries | None
    evidence: tuple[tuple[str, Verdict], ...]


def place_allowed_gaps(request: AuditRequest, tables: Mapping[Path, Table], grids: Grids) -> AllowedGaps:
    """Place the allowed gaps of a request.

    They are read in the CRS that their file declares itself. A file that says nothing is read as
    the coarsest grids are, from which it will have been drawn; one that is lon/lat by its format
    likewise, if those are in degrees, else as that format.
    """
    if request.allowed_gaps is None:
        return AllowedGaps(None, ())
    table = tables[request.allowed_gaps]
    verdict = known(None, table)
    if verdict is None:
        name = grids.levels[0].source.crs
        text = Text(zh=f"与最粗一级网格相同：{name}。", en=f"As the coarsest grids: {name}.")
        if table.by_format and not reads_degrees(name):
            name = normalise(table.crs or "EPSG:4326")
            text = Text(
                zh=f"按 {table.format} 格式为 {name}。", en=f"{table.format} is {name} by its format."
            )
        verdict = Verdict(CrsStatus.BY_FORMAT, name, (), text)
    polygons = geometries_to_lonlat(grid_rows(table, {}).frame.geometry.to_numpy(), str(verdict.crs))
    return AllowedGaps(polygons, ((table.file, verdict),))


def _read(file: LevelFile, table: Table, request: AuditRequest) -> _Read:
    roles = [Role.CODE, Role.NAME, Role.PARENT] + ([Role.LEVEL] if request.levels else [])
    fields = detect(table, roles, file.fields)
    rows = grid_rows(table, fields)
    rows.frame[INDICATIVE] = _indicative(table).reindex(rows.frame.index, fill_value=False)
    return _Read(file, table, fields, rows)


def _indicative(table: Table) -> pd.Series:
    """Which rows say that their outline is derived, not surveyed, in a column `indicative` or 示意."""
    for name in (INDICATIVE, "示意"):
        if name in table.rows.columns:
            return table.rows[name].astype("str").str.strip().str.lower().isin(_YES)
    return pd.Series(False, index=table.rows.index)


def _settle(read: Sequence[_Read]) -> list[Verdict]:
    """Each file's CRS. Files that do not say are judged against the nearest level that is settled."""
    verdicts = {at: known(each.file.crs, each.table) for at, each in enumerate(read)}
    settled = {at: verdict for at, verdict in verdicts.items() if verdict is not None}
    if not settled:
        settled[0] = settle(read[0].file.crs, read[0].table, "--grid-crs", None)
    while len(settled) < len(read):
        at, near = min(
            ((at, near) for at in range(len(read)) if at not in settled for near in settled),
            key=lambda pair: abs(pair[0] - pair[1]),
        )
        reference = _land(geometries_to_lonlat(read[near].polygons, str(settled[near].crs)))
        each = read[at]
        settled[at] = settle(
            each.file.crs,
            each.table,
            "--grid-crs",
            lambda each=each, reference=reference: detect_polygons(  # type: ignore[misc]
                each.polygons, reference, declared=each.table.crs, by_format=each.table.by_format
            ),
        )
    return [settled[at] for at in range(len(read))]


def _land(polygons: Geometries) -> shapely.Geometry:
    return shapely.union_all(polygons[shapely.is_valid(polygons)])


def _placed(read: Sequence[_Read], names: Sequence[str]) -> list[Geometries]:
    """Every file's polygons in lon/lat; where the plane is bent, shared vertices are inserted first."""
    placed: list[Geometries] = [each.polygons for each in read]
    for name in set(names):
        together = [at for at, other in enumerate(names) if other == name]
        layers = [read[at].polygons for at in together]
        if not is_lonlat(name):
            unit_m = METRES_PER_DEGREE if base_name(name) in SHIFTED else 1.0
            layers = share_vertices(layers, SHARE_TOLERANCE_M / unit_m)
        for at, layer in zip(together, layers, strict=True):
            placed[at] = geometries_to_lonlat(layer, name)
            read[at].rows.frame[INSERTED] = _inserted(read[at].polygons, layer, placed[at])
    return placed


def _inserted(before: Geometries, after: Geometries, placed: Geometries) -> Geometries:
    """The vertices that each polygon gained, where they were placed; None where it gained none."""
    inserted: Geometries = np.full(len(before), None, dtype=object)
    for at in np.flatnonzero(shapely.get_num_coordinates(after) > shapely.get_num_coordinates(before)):
        if placed[at] is None:
            continue
        old = vertex_hashes(shapely.get_coordinates(before[at]))
        new = ~np.isin(vertex_hashes(shapely.get_coordinates(after[at])), old)
        inserted[at] = shapely.multipoints(shapely.get_coordinates(placed[at])[new])
    return inserted


def _on_earth(rows: gpd.GeoDataFrame, geometry: Geometries) -> _Placed:
    """Rows whose polygons are in the range of degrees, and the others as rejected."""
    bounds = shapely.bounds(geometry)
    with np.errstate(invalid="ignore"):
        fine = np.isfinite(bounds).all(axis=1) & (np.abs(bounds) <= [180, 90, 180, 90]).all(axis=1)
    reason = Text(
        zh="换算成经纬度后坐标超出范围：坐标系可能不对。",
        en="Out of range once converted to lon/lat: the CRS may be wrong.",
    )
    rejected = tuple(
        Rejected(int(row), reason, None if not isinstance(code, str) else code)
        for row, code in zip(rows.index[~fine], rows["code"][~fine], strict=True)
    )
    kept = rows.set_geometry(gpd.GeoSeries(geometry, index=rows.index, crs=STORED_CRS))[fine]
    return _Placed(*_touching_parts_joined(kept), rejected)


@dataclass(frozen=True)
class _Placed:
    """Rows in EPSG:4490, those that conversion made invalid mended, and those that it could not place."""

    rows: gpd.GeoDataFrame
    mended: tuple[Mended, ...]
    rejected: tuple[Rejected, ...]


def _touching_parts_joined(rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Mended, ...]]:
    """Valid polygons that rounding made invalid: parts or rings nanometres apart now touch or cross."""
    broken = ~shapely.is_valid(rows.geometry.to_numpy())
    if not broken.any():
        return rows, ()
    whole = shapely.make_valid(rows.geometry.to_numpy()[broken], method="structure", keep_collapsed=False)
    geometry = rows.geometry.to_numpy().copy()
    geometry[broken] = whole
    reason = Text(
        zh="各部分相距不到一微米，换算后相接，已合为有效图形。",
        en="Parts less than a micrometre apart touch once converted, and were joined into a valid polygon.",
    )
    mended = tuple(Mended(int(row), reason) for row in rows.index[broken])
    return rows.set_geometry(gpd.GeoSeries(geometry, index=rows.index, crs=STORED_CRS)), mended


def _by_label(rows: gpd.GeoDataFrame, labels: Sequence[str], read: _Read) -> list[gpd.GeoDataFrame]:
    present = rows["level_label"]
    absent = [label for label in labels if not (present == label).any()]
    if absent:
        values = ", ".join(sorted(present.dropna().unique())[:20])
        raise BrokenHierarchy(
            Text(
                zh=f"文件中没有这些级别：{'、'.join(absent)}。",
                en=f"The file has no rows of these levels: {', '.join(absent)}.",
            ),
            where=f"{read.table.file}, {read.fields.get('level', '')}: {values}",
            todo=Text(
                zh="请按从粗到细的次序，用 --levels 列出上面的值。",
                en="List the values shown above with --levels, from coarse to fine.",
            ),
        )
    return [rows[present == label] for label in labels]


def _with_ignored(file: FileReport, rows: gpd.GeoDataFrame, labels: Sequence[str]) -> FileReport:
    """The report, with a note on the rows of levels that were not asked for."""
    others = rows["level_label"][~rows["level_label"].isin(labels)]
    if others.empty:
        return file
    named = "、".join(sorted(others.dropna().unique())[:5]) or "—"
    note = Text(
        zh=f"{len(others)} 行属于其他级别（{named}），没有读入。",
        en=f"{len(others)} rows of other levels ({named}) were not read.",
    )
    return replace(file, notes=(*file.notes, note))


def _no_polygons(table: Table, rejected: tuple[Rejected, ...]) -> WrongGeometry:
    first = f" {rejected[0].reason}" if rejected else ""
    return WrongGeometry(
        Text(zh="文件里没有可用的网格面。", en="The file has no usable grid polygon."),
        where=f"{table.file}: {len(rejected)} 行未采用 rows rejected.{first}",
        todo=Text(
            zh="请检查文件是否选对，坐标系是否正确（--grid-crs）。",
            en="Check that this is the right file, and its CRS (--grid-crs).",
        ),
    )


def _file_report(
    read: _Read, name: str, rejected: tuple[Rejected, ...], mended: tuple[Mended, ...]
) -> FileReport:
    table = read.table
    return FileReport(
        file=table.file,
        format=table.format,
        crs=name,
        encoding=table.encoding,
        fields=read.fields,
        rejected=rejected,
        mended=table.mended + mended,
        notes=table.notes,
    )


def _level_report(level: int, label: str | None, file: FileReport, hierarchy: Hierarchy) -> LevelReport:
    grids = hierarchy.grids[hierarchy.grids["level"] == level]
    polygons = grids.geometry.to_numpy()
    return LevelReport(
        level=level,
        label=label,
        source=file,
        grids=len(grids),
        parts=int(shapely.get_num_geometries(polygons).sum()),
        area_m2=float(area_m2(polygons).sum()),
        duplicate_codes=hierarchy.duplicate_codes.get(level, ()),
        code_mismatches=tuple(each for each in hierarchy.code_mismatches if each in grids.index),
        unknown_parents=tuple(each for each in hierarchy.unknown_parents if each in grids.index),
    )
