"""A draft as a file for QGIS and the like, every coordinate as it is stored: a way back changes nothing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from sqlalchemy.orm import Session

from gisgrid.errors import OutputError
from gisgrid.exchange.draft import DBF_BYTES, DraftRow, draft_rows
from gisgrid.frames import STORED_CRS
from gisgrid.text import Text


class DraftFormat(StrEnum):
    """What a draft can be taken out as."""

    GPKG = "gpkg"
    GEOJSON = "geojson"
    SHAPEFILE = "shp"


MEDIA_TYPES: Final[Mapping[DraftFormat, str]] = {
    DraftFormat.GPKG: "application/geopackage+sqlite3",
    DraftFormat.GEOJSON: "application/geo+json",
    DraftFormat.SHAPEFILE: "application/zip",
}
SUFFIXES: Final[Mapping[DraftFormat, str]] = {
    DraftFormat.GPKG: ".gpkg",
    DraftFormat.GEOJSON: ".geojson",
    DraftFormat.SHAPEFILE: ".zip",
}
LAYER: Final = "grids"
_CRS_URN: Final = "urn:ogc:def:crs:EPSG::4490"
_TO_READ: Final = """\
gisgrid {plan}

grids.shp: {count} grids, EPSG:4490 (CGCS2000, degrees), text in UTF-8.

uid         identity of a grid; leave it empty for a new one / 网格标识；新网格留空
kind        administrative, unit, key / 行政网格、单元网格、重点监管单元
parent_uid  uid of the parent or owner / 上级网格
is_partial  1: covers its owner in part / 部分覆盖
superv_lvl  supervising level / 监管级别
version     edits among the grids that it holds / 版本（请勿修改）
holder_ver  version of its parent or owner / 上级版本（请勿修改）

A shapefile holds 254 bytes of a text; a longer name that comes back cut counts as unchanged.
Shapefile 的文字最长 254 字节；被截断的名称视为未修改。
"""


def write_draft(session: Session, plan_id: int, kind: DraftFormat, folder: Path) -> Path:
    """Write the grids of a draft in one's jurisdiction into a folder; the file that it is.

    Raises
    ------
    OutputError
        If it cannot be written, as on a full disk.
    """
    rows = list(draft_rows(session, plan_id).values())
    path = folder / f"{LAYER}{SUFFIXES[kind]}"
    try:
        if kind is DraftFormat.GEOJSON:
            _write_geojson(rows, path)
        elif kind is DraftFormat.GPKG:
            _frame(rows).to_file(path, layer=LAYER, driver="GPKG", index=False)
        else:
            _write_shapefile(rows, plan_id, folder, path)
    except (OSError, DataSourceError, DataLayerError) as error:
        raise OutputError(
            Text(
                zh="服务器无法写入文件，磁盘可能已满；没有生成文件。",
                en="The server could not write the file; its disk is full, perhaps. No file was made.",
            ),
            todo=Text(
                zh="请稍后重试，或请管理员腾出空间。",
                en="Try again later, or ask the administrator for space.",
            ),
        ) from error
    return path


def _cells(row: DraftRow) -> dict[str, Any]:
    values = row.values
    return {
        "uid": row.uid,
        "kind": row.kind,
        "level": row.level,
        "code": values["code"],
        "name": values["name"],
        "category": values["category"],
        "parent_uid": row.holder,
        "basis": values["basis"],
        "is_partial": values["is_partial"],
        "superv_lvl": values["supervising_level"],
        "version": row.version,
        "holder_ver": row.holder_version,
        "area_m2": round(row.area_m2, 1),
    }


def _write_geojson(rows: Sequence[DraftRow], path: Path) -> None:
    """Python writes the shortest digits that read back as the same number; GDAL rounds."""
    head = {"type": "FeatureCollection", "name": LAYER}
    head["crs"] = {"type": "name", "properties": {"name": _CRS_URN}}  # type: ignore[assignment]
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1] + ', "features": [')
        for at, row in enumerate(rows):
            feature = {
                "type": "Feature",
                "properties": _cells(row),
                "geometry": shapely.geometry.mapping(row.geometry),
            }
            file.write((",\n" if at else "\n") + json.dumps(feature, ensure_ascii=False))
        file.write("\n]}\n")


def _frame(rows: Sequence[DraftRow]) -> gpd.GeoDataFrame:
    cells = pd.DataFrame([_cells(row) for row in rows])
    for column in ("superv_lvl", "holder_ver"):
        cells[column] = cells[column].astype("Int64")
    for column in ("code", "category", "parent_uid", "basis"):
        cells[column] = cells[column].astype("str").where(cells[column].notna())
    shapes = np.array([row.geometry for row in rows], dtype=object)
    return gpd.GeoDataFrame(cells, geometry=shapes, crs=STORED_CRS)


def _cut(text: Any) -> Any:
    """A text as far as a shapefile holds it, whole characters only."""
    return text.encode()[:DBF_BYTES].decode(errors="ignore") if isinstance(text, str) else text


def _write_shapefile(rows: Sequence[DraftRow], plan_id: int, folder: Path, path: Path) -> None:
    """The parts of a shapefile in one archive, with what its short names mean."""
    frame = _frame(rows)
    frame["is_partial"] = frame["is_partial"].astype(int)
    for column in ("uid", "code", "name", "category", "parent_uid"):
        frame[column] = [_cut(each) for each in frame[column]]
    frame.to_file(folder / f"{LAYER}.shp", driver="ESRI Shapefile", index=False, ENCODING="UTF-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob(f"{LAYER}.*")):
            if part != path:
                archive.write(part, part.name)
        archive.writestr("README.txt", _TO_READ.format(plan=plan_id, count=len(rows)))
