"""What is taken out and brought back unchanged is no difference, in every format and through GDAL."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gisgrid.exchange.draft import draft_rows
from gisgrid.exchange.writing import DraftFormat
from gisgrid.planning.operations import Attributes, Values
from gisgrid.store.database import Database
from tests.city import TOKENS, City
from tests.exchange_files import box, brought, changed, redrawn, taken_out
from tests.planning.test_editing import city, do

__all__ = ["city"]


@pytest.mark.parametrize("kind", list(DraftFormat))
def test_what_comes_back_unchanged_is_no_difference(
    database: Database, city: City, tmp_path: Path, kind: DraftFormat
) -> None:
    path = taken_out(database, city, kind, tmp_path / "out")
    back = brought(database, city, path)
    assert back.difference.items == ()
    assert back.difference.unchanged == 7
    assert back.edited is None
    assert back.difference.versions == dict.fromkeys(("CITY", "WEST", "EAST", "T1", "T2", "T3", "KEY"), 1)


@pytest.mark.parametrize("kind", list(DraftFormat))
def test_coordinates_are_written_to_the_last_bit(
    database: Database, city: City, tmp_path: Path, kind: DraftFormat
) -> None:
    path = taken_out(database, city, kind, tmp_path / "out")
    frame = gpd.read_file(f"zip://{path}" if path.suffix == ".zip" else path)
    with database.operating() as session:
        rows = draft_rows(session, city.draft)
    for uid, shape in zip(frame["uid"], frame.geometry, strict=True):
        assert set(shapely.get_coordinates(shape).ravel()) == set(
            shapely.get_coordinates(rows[uid].geometry).ravel()
        )
    assert frame.crs.to_epsg() == 4490


@pytest.mark.parametrize(
    "arguments",
    [
        ("-f", "GeoJSON", "{}.geojson"),  # seven decimals, WGS 84
        ("-f", "GeoJSON", "-lco", "RFC7946=YES", "{}.geojson"),
        ("-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "{}.shp"),
        ("-f", "GPKG", "-t_srs", "EPSG:4326", "{}.gpkg"),
        ("-f", "GPKG", "-t_srs", "EPSG:4527", "{}.gpkg"),  # Gauss-Krueger, metres
        ("-f", "FlatGeobuf", "{}.fgb"),
    ],
    ids=lambda value: "-".join(each.strip("-{}.") for each in value),
)
def test_a_way_through_gdal_is_no_difference(
    database: Database, city: City, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = taken_out(database, city, DraftFormat.GPKG, tmp_path / "out")
    target = arguments[-1].format(tmp_path / "back")
    told = subprocess.run(
        ["ogr2ogr", *arguments[:-1], target, str(path)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    back = brought(database, city, Path(target))
    assert [(each.uid, sorted(each.changes), each.values) for each in back.difference.items] == []


def test_noise_is_no_difference_and_half_a_metre_is(database: Database, city: City, tmp_path: Path) -> None:
    path = taken_out(database, city, DraftFormat.GPKG, tmp_path / "out")

    def shake(frame: gpd.GeoDataFrame) -> None:
        frame["geometry"] = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy + 8e-10)

    assert brought(database, city, changed(path, shake, tmp_path / "a.gpkg")).difference.items == ()

    def pull(frame: gpd.GeoDataFrame) -> None:
        redrawn(T3=box(10, 0, 15.0005, 10))(frame)

    (item,) = brought(database, city, changed(path, pull, tmp_path / "b.gpkg")).difference.items
    assert (item.uid, item.moved_m) == ("T3", pytest.approx(0.5, abs=0.01))
    assert item.differs_m2 == pytest.approx(5000, rel=0.01)


def test_a_shapefile_has_its_encoding_short_names_and_an_explanation(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = taken_out(database, city, DraftFormat.SHAPEFILE, tmp_path / "out")
    with zipfile.ZipFile(path) as archive:
        assert archive.read("grids.cpg") == b"UTF-8"
        assert b"2000" in archive.read("grids.prj")
        assert "parent_uid" in archive.read("README.txt").decode()
    frame = gpd.read_file(f"zip://{path}")
    assert {"uid", "parent_uid", "is_partial", "superv_lvl", "holder_ver"} <= set(frame.columns)
    assert list(frame["name"])[:2] == ["示例市", "西县"]


def test_a_name_that_a_shapefile_cuts_comes_back_unchanged(
    database: Database, city: City, tmp_path: Path
) -> None:
    long = "长" * 150
    with database.bearer(TOKENS["planner"]) as session:
        do(
            session,
            city,
            Attributes(operation="attributes", grid="T1", changes=Values(name=long)).model_dump(
                exclude_unset=True
            ),
        )
    path = taken_out(database, city, DraftFormat.SHAPEFILE, tmp_path / "out")
    assert brought(database, city, path).difference.items == ()


def test_a_county_planner_takes_out_what_is_theirs(database: Database, city: City, tmp_path: Path) -> None:
    path = taken_out(database, city, DraftFormat.GEOJSON, tmp_path / "out", by="west")
    assert set(gpd.read_file(path)["uid"]) == {"WEST", "T1", "T2"}
    assert brought(database, city, path, by="west").difference.items == ()
    assert [each.uid for each in brought(database, city, path).difference.items] == ["EAST"]
