"""A draft taken out as a file, changed as people change it in QGIS, and brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gisgrid.exchange.bringing import Brought, Options, bring
from gisgrid.exchange.reading import read_grid_file
from gisgrid.exchange.writing import DraftFormat, write_draft
from gisgrid.store.database import Database
from tests.city import KM, TOKENS, City
from tests.planning.test_editing import who
from tests.squares import place

Edit = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame | None]


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Geometry:
    """A rectangle in kilometres, as lon/lat."""
    return place(shapely.box(x0 * KM, y0 * KM, x1 * KM, y1 * KM))


def taken_out(
    database: Database, city: City, kind: DraftFormat, folder: Path, *, by: str = "planner"
) -> Path:
    """The draft as a file."""
    folder.mkdir(exist_ok=True)
    with database.bearer(TOKENS[by]) as session:
        return write_draft(session, city.draft, kind, folder)


def changed(path: Path, edit: Edit, target: Path) -> Path:
    """A copy of the file in which somebody changed something; `edit` may change rows in place."""
    frame = gpd.read_file(f"zip://{path}" if path.suffix == ".zip" else path)
    frame = frame.copy()
    edited = edit(frame)
    frame = frame if edited is None else edited
    frame.to_file(target)
    return target


def redrawn(**shapes: shapely.Geometry) -> Edit:
    """Grids that get other outlines, by uid."""

    def edit(frame: gpd.GeoDataFrame) -> None:
        for uid, shape in shapes.items():
            at = frame.index[frame["uid"] == uid]
            frame.loc[at, "geometry"] = gpd.GeoSeries([shape], index=at, crs=frame.crs)

    return edit


def enciphered(forth: Callable[..., tuple[Any, Any]]) -> Edit:
    """All outlines where a web map puts them, though the file says that it is in degrees."""

    def edit(frame: gpd.GeoDataFrame) -> None:
        frame.geometry = frame.geometry.transform(lambda at: np.stack(forth(at[:, 0], at[:, 1]), axis=-1))

    return edit


def brought(database: Database, city: City, path: Path, *, by: str = "planner", **options: object) -> Brought:
    """The file compared with the draft; applied with `rehearse=False`."""
    chosen = Options(removes=bool(options.pop("removes", False)), redraws=bool(options.pop("redraws", False)))
    crs = options.pop("crs", None)
    file = read_grid_file(path, path.name, None if crs is None else str(crs))
    with database.bearer(TOKENS[by]) as session:
        return bring(session, city.draft, file, chosen, by=who(session, by), **options)  # type: ignore[arg-type]
