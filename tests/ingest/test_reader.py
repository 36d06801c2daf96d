"""Every format comes out as the same table."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gisgrid.errors import InputError, UnreadableFile
from gisgrid.ingest import Table, read
from tests.ingest import files
from tests.ingest.files import CODES, NAMES, SQUARE, feature, geojson


def assert_two_grids(table: Table, code: str = "网格编号") -> None:
    assert table.rows[code].tolist() == CODES
    assert table.rows["名称"].tolist() == NAMES
    assert table.rows.index.tolist() == [1, 2]
    assert table.geometry is not None
    assert shapely.equals(table.geometry, files.grids().geometry.to_numpy()).all()
    assert table.rejected == ()
    assert table.mended == ()


def test_a_geopackage_is_read(tmp_path: Path) -> None:
    table = read(files.geopackage(tmp_path / "网格.gpkg"))
    assert_two_grids(table)
    assert (table.format, table.crs, table.by_format) == ("GeoPackage", "EPSG:4490", False)
    assert table.file == "网格.gpkg"


def test_a_projected_crs_keeps_its_code(tmp_path: Path) -> None:
    files.grids().to_crs("EPSG:4550").to_file(tmp_path / "projected.gpkg")
    assert read(tmp_path / "projected.gpkg").crs == "EPSG:4550"


def test_no_crs_is_none(tmp_path: Path) -> None:
    path = files.shapefile(tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    assert read(path).crs is None


def test_a_crs_without_code_is_wkt(tmp_path: Path) -> None:
    local = "+proj=tmerc +lat_0=0 +lon_0=122.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    files.grids().to_crs(local).to_file(tmp_path / "local.gpkg")
    crs = read(tmp_path / "local.gpkg").crs
    assert crs is not None
    assert crs.startswith("PROJCRS")


def test_a_geojson_is_by_format_whatever_its_author_put_in(tmp_path: Path) -> None:
    files.grids("EPSG:4326").to_file(tmp_path / "a.geojson", driver="GeoJSON")
    table = read(tmp_path / "a.geojson")
    assert_two_grids(table)
    assert (table.format, table.crs, table.by_format) == ("GeoJSON", "EPSG:4326", True)


def test_a_geojson_that_names_its_crs_declares_it(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    table = read(geojson(tmp_path / "a.geojson", feature(SQUARE), crs=crs))
    assert (table.crs, table.by_format) == ("EPSG:4490", False)


def test_a_geojson_with_a_feature_a_line_is_read(tmp_path: Path) -> None:
    lines = [json.dumps(feature(SQUARE, code=f"0{number}")) for number in range(3)]
    (tmp_path / "a.json").write_text("\n".join(lines), encoding="utf-8")
    table = read(tmp_path / "a.json")
    assert table.rows["code"].tolist() == ["00", "01", "02"]
    assert table.format == "GeoJSON"


def test_a_geojson_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", feature(SQUARE, code="01"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path).rows["code"].tolist() == ["01"]


def test_a_geojson_in_gb18030_is_read(tmp_path: Path) -> None:
    content = json.dumps(
        {"type": "FeatureCollection", "features": [feature(SQUARE, 名称="盘锦市")]}, ensure_ascii=False
    )
    (tmp_path / "a.geojson").write_bytes(content.encode("gb18030"))
    table = read(tmp_path / "a.geojson")
    assert table.rows["名称"].tolist() == ["盘锦市"]
    assert table.encoding == "GB18030"


def test_bad_features_of_a_geojson_come_back_with_their_reasons(tmp_path: Path) -> None:
    bad = [
        feature(None),
        feature({"type": "Polygon", "coordinates": []}),
        feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}),
        feature({"type": "Polygon", "coordinates": [[["a", 0], [1, 0], [1, 1], ["a", 0]]]}),
        feature({"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 0], [1, 1], [0, 0]]]}),
        feature({"type": "Nonsense", "coordinates": [1, 2]}),
    ]
    table = read(geojson(tmp_path / "a.geojson", feature(SQUARE), *bad, feature(SQUARE)))
    assert table.rows.index.tolist() == [1, 8]
    assert [each.row for each in table.rejected] == [2, 3, 4, 5, 6, 7]


def test_mixed_types_of_a_property_keep_the_codes_as_written(tmp_path: Path) -> None:
    table = read(geojson(tmp_path / "a.geojson", feature(SQUARE, code="0101"), feature(SQUARE, code=102)))
    assert table.rows["code"].tolist() == ["0101", "102"]


def test_a_topojson_is_read(tmp_path: Path) -> None:
    shape = {"type": "Polygon", "arcs": [[0]], "properties": {"code": "01"}}
    topology = {
        "type": "Topology",
        "objects": {"grids": {"type": "GeometryCollection", "geometries": [shape]}},
        "arcs": [SQUARE["coordinates"][0]],
    }
    (tmp_path / "a.json").write_text(json.dumps(topology), encoding="utf-8")
    table = read(tmp_path / "a.json")
    assert (table.format, table.crs, table.by_format) == ("TopoJSON", "EPSG:4326", True)
    assert table.rows["code"].tolist() == ["01"]
    assert table.geometry is not None
    assert table.geometry[0].area == 1


@pytest.mark.parametrize("suffix", ["", ".bin"])
def test_a_flatgeobuf_is_read_whatever_its_name(tmp_path: Path, suffix: str) -> None:
    files.grids().to_file(tmp_path / "a.fgb", driver="FlatGeobuf", SPATIAL_INDEX="NO")
    path = (tmp_path / "a.fgb").rename(tmp_path / f"a{suffix}")
    table = read(path)
    assert_two_grids(table)
    assert (table.format, table.crs) == ("FlatGeobuf", "EPSG:4490")


def test_a_shapefile_without_cpg_in_gb18030_gives_right_chinese(tmp_path: Path) -> None:
    table = read(files.shapefile(tmp_path / "a.shp", encoding="gb18030", keep_cpg=False))
    assert_two_grids(table, code="编号")
    assert table.encoding == "GB18030"
    assert table.crs == "EPSG:4490"


def test_a_shapefile_whose_cpg_lies_gives_right_chinese(tmp_path: Path) -> None:
    path = files.shapefile(tmp_path / "a.shp", encoding="gb18030")
    path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
    table = read(path)
    assert_two_grids(table, code="编号")
    assert table.encoding == "GB18030"


def test_a_shapefile_with_upper_case_parts_is_read(tmp_path: Path) -> None:
    files.shapefile(tmp_path / "a.shp")
    for part in tmp_path.iterdir():
        part.rename(part.with_name(part.name.upper()))
    assert_two_grids(read(tmp_path / "A.SHP"), code="编号")


def test_a_shapefile_without_index_and_attributes_is_read(tmp_path: Path) -> None:
    path = files.shapefile(tmp_path / "a.shp")
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".shx").unlink()
    table = read(path)
    assert len(table.rows) == 2
    assert any(".dbf" in note.en for note in table.notes)


def zipped(path: Path, folder: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.iterdir()):
            archive.write(each, prefix + each.name)
    return path


def test_a_zipped_shapefile_in_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    files.shapefile(tmp_path / "parts" / "网格.shp", encoding="gb18030", keep_cpg=False)
    table = read(zipped(tmp_path / "a.zip", tmp_path / "parts", prefix="导出/"))
    assert_two_grids(table, code="编号")
    assert table.format == "Shapefile"


def test_of_several_zipped_shapefiles_one_is_read_and_said(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name in ("first", "second"):
        files.shapefile(tmp_path / "parts" / f"{name}.shp")
    path = zipped(tmp_path / "a.zip", tmp_path / "parts")
    assert "second.shp" in read(path).notes[0].en
    assert read(path, layer="second").notes == ()
    with pytest.raises(InputError, match="first, second"):
        read(path, layer="third")


def test_a_geoparquet_is_read(tmp_path: Path) -> None:
    files.grids().to_parquet(tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet")
    assert_two_grids(table)
    assert (table.format, table.crs, table.by_format) == ("GeoParquet", "EPSG:4490", False)


@pytest.mark.parametrize("shape", ["polygon", "point"])
def test_a_geoparquet_with_native_geometry_is_read(tmp_path: Path, shape: str) -> None:
    frame = (
        files.grids()
        if shape == "polygon"
        else files.grids().set_geometry(files.grids().representative_point())
    )
    frame.to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    table = read(tmp_path / "a.parquet")
    assert table.geometry is not None
    assert shapely.equals(table.geometry, frame.geometry.to_numpy()).all()


def test_a_geoparquet_without_crs_is_undeclared(tmp_path: Path) -> None:
    files.grids(None).to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").crs is None


def test_a_plain_parquet_is_a_table_without_geometry(tmp_path: Path) -> None:
    pd.DataFrame({"lon": [122.0], "lat": [41.0], "id": [7]}).to_parquet(tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet")
    assert table.geometry is None
    assert table.rows["lon"].tolist() == [122.0]


def test_integers_with_blanks_stay_exact(tmp_path: Path) -> None:
    exact = 9_007_199_254_740_993  # not a float
    pd.DataFrame({"code": pd.array([exact, None], dtype="Int64")}).to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").rows["code"].tolist() == [exact, pd.NA]


def test_dates_are_text_and_binary_columns_are_left_out_and_said(tmp_path: Path) -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-05-06"]), "photo": [b"\x00\xff"]})
    frame.to_parquet(tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet")
    assert table.rows["day"][1].startswith("2024-05-06")
    assert list(table.rows.columns) == ["day"]
    assert "photo" in table.notes[0].en


def test_of_several_layers_the_first_with_rows_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    files.grids().iloc[:0].to_file(path, layer="空")
    files.grids().to_file(path, layer="二级", mode="a")
    files.grids().iloc[:1].to_file(path, layer="三级", mode="a")
    table = read(path)
    assert_two_grids(table)
    assert "二级" in table.notes[0].zh
    assert len(read(path, layer="三级").rows) == 1


def test_an_absent_layer_is_an_error_that_lists_those_there_are(tmp_path: Path) -> None:
    path = files.geopackage(tmp_path / "a.gpkg", layer="网格")
    with pytest.raises(InputError, match="网格"):
        read(path, layer="格网")


def test_rows_in_a_write_ahead_log_are_read_and_the_folder_is_left_alone(tmp_path: Path) -> None:
    path = files.geopackage(tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        files.drop_triggers(database)
        database.commit()
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("UPDATE a SET 名称 = '改名' WHERE fid = 1")
        database.commit()
        before = sorted((each.name, each.stat().st_size) for each in tmp_path.iterdir())
        assert read(path).rows["名称"].tolist() == ["改名", NAMES[1]]
        assert sorted((each.name, each.stat().st_size) for each in tmp_path.iterdir()) == before


def test_a_csv_is_a_table_of_text_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("编号,经度,纬度\r\n007,122.0,41.0\r\n".encode("gb18030"))
    table = read(tmp_path / "a.csv")
    assert table.rows["编号"].tolist() == ["007"]
    assert table.rows.index.tolist() == [2]
    assert (table.geometry, table.encoding, table.format) == (None, "GB18030", "CSV")


def test_the_encoding_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("編號,lon\n台北,121\n".encode("big5"))
    table = read(tmp_path / "a.csv", encoding="big5")
    assert table.rows["編號"].tolist() == ["台北"]


def test_an_unknown_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="ascii")
    with pytest.raises(InputError, match="Klingon"):
        read(tmp_path / "a.csv", encoding="Klingon")


def test_a_zipped_csv_is_read(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.csv").write_text("id,lon,lat\n1,122,41\n", encoding="ascii")
    assert read(zipped(tmp_path / "a.zip", tmp_path / "parts")).rows["lon"].tolist() == ["122"]


def test_an_excel_ledger_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"编号": ["007"], "经度": [122.05], "纬度": [41.0]})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    table = read(tmp_path / "a.xlsx")
    assert table.rows.loc[2].tolist() == ["007", "122.05", "41"]
    assert table.format == "Excel"


def test_arcs_become_segments_and_are_said(tmp_path: Path) -> None:
    path = files.geopackage(tmp_path / "a.gpkg")
    circle = np.array([0, 0, 1, 1, 2, 0, 1, -1, 0, 0], "<f8").tobytes()
    ring = b"\x01\x08\x00\x00\x00" + (5).to_bytes(4, "little") + circle
    files.replace_geometry(path, b"\x01\x0a\x00\x00\x00" + (1).to_bytes(4, "little") + ring)
    table = read(path)
    assert table.geometry is not None
    assert table.geometry[0].area == pytest.approx(np.pi, rel=1e-2)
    assert "Arcs" in table.notes[0].en


def test_a_kml_keeps_chinese_attributes(tmp_path: Path) -> None:
    placemark = (
        "<Placemark><name>一号</name>"
        "<ExtendedData><Data name='网格编号'><value>0101</value></Data></ExtendedData><Point>"
        "<coordinates>122,41,0</coordinates></Point></Placemark>"
    )
    kml = f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{placemark}</Document></kml>"
    (tmp_path / "doc.kml").write_text(kml, encoding="utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "doc.kml").write_text(kml, encoding="utf-8")
    for path in (tmp_path / "doc.kml", zipped(tmp_path / "a.kmz", tmp_path / "parts")):
        table = read(path)
        assert (table.format, table.crs, table.by_format) == ("KML", "EPSG:4326", True)
        assert table.rows.loc[1, "网格编号"] == "0101"


def test_a_file_with_no_usable_geometry_at_all_is_an_error_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="row 1: It has no geometry"):
        read(geojson(tmp_path / "a.geojson", feature(None), feature(None)))


def test_a_million_points_are_handed_over_exactly(tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).uniform(70, 140, (2, 100_000))
    gpd.GeoDataFrame({"id": np.arange(100_000)}, geometry=shapely.points(x, y), crs=4490).to_parquet(
        tmp_path / "a.parquet"
    )
    table = read(tmp_path / "a.parquet")
    assert (shapely.get_x(table.geometry) == x).all()
    assert (shapely.get_y(table.geometry) == y).all()
