"""Files in the enciphered coordinates of Chinese web maps that declare degrees of the ellipsoid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from gisgrid.crs import geometries_to_lonlat
from gisgrid.errors import InputError
from gisgrid.exchange.difference import Change, Difference
from gisgrid.exchange.draft import DraftRow
from gisgrid.exchange.reading import GridFile
from gisgrid.spatial.edges import Geometries
from gisgrid.spatial.measure import distance_m
from gisgrid.text import Text

_ENCIPHERED: Final = (("gcj02", "GCJ-02"), ("bd09", "BD-09"))
_SHIFTED_M: Final = 50.0
_SHARE_LEFT: Final = 0.1
"""Of the shift, where it is one of these: outlines that were edited beside it leave some."""


class Shifted(InputError):
    """All grids of a file lie as far from the draft's as the cipher of a web map puts them."""


def must_not_be_shifted(file: GridFile, draft: Mapping[str, DraftRow], difference: Difference) -> None:
    """Raise Shifted if no outline of a file is the draft's, and they would be in GCJ-02 or BD-09.

    Nothing is converted by itself. A file whose coordinate system was stated by hand is believed.
    """
    pairs = [
        (item.geometry, draft[item.uid].geometry)
        for item in difference.items
        if Change.RESHAPED in item.changes and item.geometry is not None and item.uid is not None
    ]
    if file.is_crs_stated or difference.unchanged or not pairs:
        return
    given: Geometries = np.array([shapely.box(*shape.bounds).centroid for shape, _ in pairs], dtype=object)
    known: Geometries = np.array([shapely.box(*shape.bounds).centroid for _, shape in pairs], dtype=object)
    apart_m = _median_m(given, known)
    if apart_m < _SHIFTED_M:
        return
    for crs, name in _ENCIPHERED:
        if _median_m(geometries_to_lonlat(given, crs), known) < _SHARE_LEFT * apart_m:
            raise Shifted(
                Text(
                    zh=f"文件里的界线整体偏了约 {apart_m:.0f} 米，像是 {name} 坐标，没有比较。",
                    en=f"Its outlines lie some {apart_m:.0f} m aside, all alike, as {name} would put them.",
                ),
                where=f"{file.name} ({file.crs})",
                todo=Text(
                    zh=f"请选择坐标系 {name}（crs={crs}）后重新比较；"
                    "确实要整体移动时，选择 CGCS2000（crs=EPSG:4490）。",
                    en=f"State that it is in {name} (crs={crs}); "
                    "or in CGCS2000 (crs=EPSG:4490), if all of it is to move.",
                ),
            )


def _median_m(some: Geometries, others: Geometries) -> float:
    lon, lat = shapely.get_coordinates(some).T
    to_lon, to_lat = shapely.get_coordinates(others).T
    return float(np.median(distance_m(lon, lat, to_lon, to_lat)))
