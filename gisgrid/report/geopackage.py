"""audit.gpkg: every result as a layer, styled for QGIS."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gisgrid.audit import Audit
from gisgrid.errors import OutputError
from gisgrid.frames import STORED_CRS, FindingKind
from gisgrid.report import qgis
from gisgrid.report.columns import column, typed
from gisgrid.report.naming import called, labels
from gisgrid.report.source_tables import around_table, source_table, stack_table, uncovered_table
from gisgrid.report.tables import finding_table, grid_table
from gisgrid.text import Lang, Text

GEOMETRY: Final = "geom"

_VERSION: Final = "1.3"
"""GeoPackage 1.4 makes GDAL before 3.7, as in Debian 12 and its QGIS, warn."""


@dataclass(frozen=True)
class _Layer:
    name: str
    title: Text
    geometry_type: str
    rows: Callable[[], gpd.GeoDataFrame]
    style: qgis.Style


def write_geopackage(audit: Audit, file: Path, lang: Lang) -> None:
    """Write the layers of an audit, EPSG:4490, each with its default QGIS style.

    Field names are short ASCII, with their Chinese titles as aliases. Layers
    without rows are there with their fields.

    Parameters
    ----------
    audit : Audit
    file : Path
        Must not exist.
    lang : Lang
        Of the places in words.

    Raises
    ------
    OutputError
        If GDAL could not store every row.
    """
    written: dict[str, tuple[str, int]] = {}
    styles: dict[str, tuple[str, qgis.Style, list[str]]] = {}
    for layer in _layers(audit, lang):
        rows = layer.rows()
        fields = [str(name) for name in rows.columns if name != rows.geometry.name]
        _write_layer(rows, layer, file)
        written[layer.name] = (layer.title.zh, len(rows))
        styles[layer.name] = (GEOMETRY, layer.style, fields)
    with closing(sqlite3.connect(file)) as package, package:
        qgis.add_styles(package, styles)
        _add_aliases(package, {name: fields for name, (_, _, fields) in styles.items()})
        check_complete(package, {name: count for name, (_, count) in written.items()})


def _layers(audit: Audit, lang: Lang) -> list[_Layer]:
    findings = finding_table(audit, lang)

    def of(kind: FindingKind) -> Callable[[], gpd.GeoDataFrame]:
        return lambda: findings[findings["kind"] == kind].drop(columns="kind")

    levels = [level.level for level in audit.levels]
    layers = [
        _Layer(
            "grids", _t("网格", "Grids"), "MultiPolygon", lambda: grid_table(audit), qgis.grid_style(levels)
        ),
        *(
            _Layer(name, _t(*title), "MultiPolygon", of(kind), qgis.finding_style(kind))
            for kind, (name, title) in _FINDING_LAYERS.items()
        ),
        _Layer("sources", _t("污染源", "Sources"), "", lambda: source_table(audit), qgis.class_style()),
        _Layer(
            "uncovered_sources",
            _t("未覆盖污染源", "Uncovered sources"),
            "",
            lambda: uncovered_table(audit),
            qgis.uncovered_style(),
        ),
        _Layer(
            "stacked_sources",
            _t("堆叠点位", "Stacked sources"),
            "",
            lambda: stack_table(audit),
            qgis.stack_style(),
        ),
        _Layer(
            "surroundings",
            _t("周边敏感目标", "Surroundings"),
            "Point",
            lambda: around_table(audit),
            qgis.surroundings_style(),
        ),
    ]
    mismatches = edge_mismatches(audit)
    if len(mismatches):
        layers.append(
            _Layer(
                "edge_mismatches",
                _t("边界未匹配", "Edge mismatches"),
                "MultiLineString",
                lambda: mismatches,
                qgis.mismatch_style(),
            )
        )
    return layers


def _t(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


_FINDING_LAYERS: Final = {
    FindingKind.GAP: ("gaps", ("覆盖空白", "Gaps")),
    FindingKind.OVERLAP: ("overlaps", ("重叠", "Overlaps")),
    FindingKind.PROTRUSION: ("protrusions", ("越界", "Protrusions")),
    FindingKind.MISNESTED: ("misnested", ("错属", "Mis-nested")),
}


def edge_mismatches(audit: Audit) -> gpd.GeoDataFrame:
    """Edges whose vertices neighbours do not share, of all levels, longest first."""
    names = labels(audit.grids)
    parts = [
        gpd.GeoDataFrame(
            {
                "child_lv": coverage.child_level,
                "parent": called(coverage.edge_mismatches["parent"], names),
                "length_m": coverage.edge_mismatches["length_m"].to_numpy(dtype=np.float64),
            },
            geometry=coverage.edge_mismatches.geometry.to_numpy(),
            crs=STORED_CRS,
        )
        for coverage in audit.coverage
    ]
    found = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=STORED_CRS)
    return typed(found.sort_values("length_m", ascending=False))


_MULTI: Final[dict[str, Callable[..., Any]]] = {
    "MultiPolygon": shapely.multipolygons,
    "MultiLineString": shapely.multilinestrings,
}


def _write_layer(rows: gpd.GeoDataFrame, layer: _Layer, file: Path) -> None:
    geometry_type = layer.geometry_type or _point_type(rows)
    if geometry_type in _MULTI:
        rows = rows.set_geometry(_as_multi(rows.geometry, geometry_type))
    pyogrio.write_dataframe(
        rows.reset_index(drop=True),
        file,
        layer=layer.name,
        driver="GPKG",
        use_arrow=True,
        geometry_type=geometry_type,
        dataset_options={} if file.exists() else {"VERSION": _VERSION},
        layer_options={"GEOMETRY_NAME": GEOMETRY, "IDENTIFIER": str(layer.title)},
    )


def write_polygons(rows: gpd.GeoDataFrame, file: Path, name: str, title: Text) -> None:
    """Add a layer of polygons to a GeoPackage, which is made if it is missing.

    Parameters
    ----------
    rows : GeoDataFrame
        n polygons or multipolygons, EPSG:4490.
    file : Path
    name : str
        Of the layer.
    title : Text
        Its identifier in the package's contents.
    """
    _write_layer(rows, _Layer(name, title, "MultiPolygon", lambda: rows, qgis.Style("", ())), file)


def _point_type(rows: gpd.GeoDataFrame) -> str:
    """ "Point" where all are, else anything goes (a source may be a line or a polygon)."""
    return "Point" if (shapely.get_type_id(rows.geometry.to_numpy()) == 0).all() else "Unknown"


def _as_multi(geometry: gpd.GeoSeries, geometry_type: str) -> gpd.GeoSeries:
    parts, owner = shapely.get_parts(geometry.to_numpy(), return_index=True)
    joined = _MULTI[geometry_type](parts, indices=owner) if len(parts) else []
    return gpd.GeoSeries(joined, index=geometry.index, crs=STORED_CRS)


_SCHEMA_EXTENSION: Final = "http://www.geopackage.org/spec121/#extension_schema"


def _add_aliases(package: sqlite3.Connection, fields: dict[str, list[str]]) -> None:
    """Chinese titles of the fields, by the GeoPackage schema extension (OGC 12-128r19, annex F.9)."""
    package.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
        "name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, "
        "CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), "
        "CONSTRAINT gdc_tn UNIQUE (table_name, name))"
    )
    package.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (constraint_name TEXT NOT NULL, "
        "constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, "
        "max_is_inclusive BOOLEAN, description TEXT, "
        "CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
    )
    package.executemany(
        "INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) "
        "VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [(name, _SCHEMA_EXTENSION) for name in ("gpkg_data_columns", "gpkg_data_column_constraints")],
    )
    package.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) "
        "VALUES (?, ?, ?, ?, ?)",
        [
            (layer, field, column(field).title.zh, column(field).title.zh, column(field).title.en)
            for layer, names in fields.items()
            for field in names
        ],
    )


def check_complete(package: sqlite3.Connection, counts: dict[str, int]) -> None:
    """Make sure that each layer holds so many rows: GDAL may lose some to a full disk without an error."""
    for layer, count in counts.items():
        (stored,) = package.execute(f'SELECT count(*) FROM "{layer}"').fetchone()  # noqa: S608 (our own names)
        if stored != count:
            raise OutputError(
                Text(
                    zh=f"图层 {layer} 只写入了 {stored} / {count} 行。",
                    en=f"Only {stored} of {count} rows of the layer {layer} were written.",
                ),
                where="audit.gpkg",
                todo=Text(
                    zh="请腾出磁盘空间，或用 --out 换一个文件夹，再运行一次。",
                    en="Free some disk space or choose another folder with --out, and run it again.",
                ),
            )
