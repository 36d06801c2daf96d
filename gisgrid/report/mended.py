"""The result of a repair: a GeoPackage of mended grids and of every step, and its summary."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rich.console import Console
from rich.table import Table

from gisgrid.frames import STORED_CRS, GridFrame
from gisgrid.report.folder import as_output_error
from gisgrid.report.geopackage import check_complete, write_polygons
from gisgrid.report.naming import called, labels
from gisgrid.report.words import KINDS, SIZES, area_words
from gisgrid.spatial.coverage import Coverage
from gisgrid.spatial.repair import Repair
from gisgrid.text import Lang, Text

_ACTIONS: Final = {
    "give": Text(zh="划归", en="give to"),
    "cut": Text(zh="切除", en="cut off"),
    "reparent": Text(zh="改隶属", en="change parent"),
    "none": Text(zh="无相邻网格，待人工处理", en="no neighbour: settle by hand"),
}


def write_repair(repair: Repair, file: Path) -> None:
    """Write the mended grids and the steps into a GeoPackage, whole or not at all.

    Layer `grids` holds all levels (`level`, `code`, `name`, `parent`, the parent's
    code or else its name); layer `steps` one row a finding with what was done.

    Parameters
    ----------
    repair : Repair
    file : Path
        Replaced if it is there.

    Raises
    ------
    OutputError
        If it could not be written; an earlier file is unchanged.
    """
    grids, steps = _grid_layer(repair.grids), _step_layer(repair)
    with as_output_error():
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".gisgrid-", dir=file.parent) as folder:
            fresh = Path(folder) / "mended.gpkg"
            write_polygons(grids, fresh, "grids", Text(zh="网格", en="Grids"))
            write_polygons(steps, fresh, "steps", Text(zh="修复步骤", en="Steps"))
            with closing(sqlite3.connect(fresh)) as package:
                check_complete(package, {"grids": len(grids), "steps": len(steps)})
            fresh.replace(file)


def _grid_layer(grids: GridFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "level": grids["level"],
            "code": grids["code"],
            "name": grids["name"],
            "parent": called(grids["parent"], grids["code"].fillna(grids["name"])),
        },
        geometry=grids.geometry,
        crs=STORED_CRS,
    )


def _step_layer(repair: Repair) -> gpd.GeoDataFrame:
    steps, names = repair.steps, labels(repair.grids)
    owners = [", ".join(str(names[grid]) for grid in each) for each in steps["owners"]]
    return gpd.GeoDataFrame(
        {
            "child_lv": steps["child_level"].astype("int64"),
            "kind": steps["kind"].astype("str"),
            "size": steps["size_class"].astype("str"),
            "parent": called(steps["parent"], names),
            "owners": pd.Series(owners, index=steps.index, dtype="str"),
            "action": steps["action"].astype("str"),
            "receiver": called(steps["receiver"], names),
            "applied": steps["applied"].astype("bool"),
            "area_m2": steps["area_m2"],
            "width_m": steps["width_m"],
        },
        geometry=shapely.force_2d(steps.geometry.to_numpy()),
        crs=STORED_CRS,
    )


def print_repair(
    repair: Repair, after: tuple[Coverage, ...], console: Console, lang: Lang, file: Path
) -> None:
    """Print what was done, what is proposed, and what is left.

    Parameters
    ----------
    repair : Repair
    after : tuple of Coverage
        The audit of the mended grids.
    console : Console
    lang : Lang
    file : Path
        Where the result was written.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in _HEADINGS:
        table.add_column(title.of(lang), justify="left" if title in _HEADINGS[:3] else "right")
    steps = repair.steps
    for (kind, size, action), group in steps.groupby(["kind", "size_class", "action"], sort=True):
        applied = group["applied"].to_numpy(dtype=bool)
        table.add_row(
            KINDS[kind].name.of(lang),
            SIZES[size].of(lang),
            _ACTIONS[action].of(lang),
            f"{np.count_nonzero(applied):,}",
            f"{np.count_nonzero(~applied):,}",
            area_words(float(group["area_m2"].sum())),
        )
    if len(steps):
        console.print(table)
    else:
        console.print(_NOTHING.of(lang))
    left = sum(len(each.findings) for each in after)
    console.print(_LEFT.of(lang).format(left=left) if left else _CLEAN.of(lang))
    console.print(str(file), markup=False, soft_wrap=True)


_HEADINGS: Final = (
    Text(zh="类型", en="Kind"),
    Text(zh="大小", en="Size"),
    Text(zh="处理", en="Action"),
    Text(zh="已处理", en="Applied"),
    Text(zh="建议", en="Proposed"),
    Text(zh="面积", en="Area"),
)
_NOTHING: Final = Text(zh="没有需要修复的问题。", en="Nothing to mend.")
_CLEAN: Final = Text(zh="修复后没有剩余问题。", en="Nothing is left to settle.")
_LEFT: Final = Text(
    zh="还有 {left} 处待处理：用 --accept strip 或 --accept all 采纳建议，或人工处理。",
    en="{left} findings are left: accept the proposals with --accept strip or all, or settle them by hand.",
)
