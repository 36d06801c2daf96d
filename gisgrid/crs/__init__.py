"""Coordinate systems: names, transformations, China's shifted datums, and the detective."""

from gisgrid.crs.datums import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from gisgrid.crs.detective import detect_points, detect_polygons
from gisgrid.crs.metric import metric_crs, metric_crs_each, metric_crs_of
from gisgrid.crs.names import normalise, title
from gisgrid.crs.swapped import Located, find_swapped, locate
from gisgrid.crs.transform import (
    accuracy_m,
    from_lonlat,
    geometries_from_lonlat,
    geometries_to_lonlat,
    to_lonlat,
)
from gisgrid.crs.verdict import Candidate, CrsStatus, Verdict

__all__ = [
    "Candidate",
    "CrsStatus",
    "Located",
    "Verdict",
    "accuracy_m",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "detect_points",
    "detect_polygons",
    "find_swapped",
    "from_lonlat",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "geometries_from_lonlat",
    "geometries_to_lonlat",
    "locate",
    "metric_crs",
    "metric_crs_each",
    "metric_crs_of",
    "normalise",
    "title",
    "to_lonlat",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]
