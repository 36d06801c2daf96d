"""Files that are refused before any library of a format sees them; so these tests need no process."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from gisgrid.errors import GisgridError, UnreadableFile, UnsafeFile
from gisgrid.ingest import vector
from gisgrid.ingest.limits import Limits
from gisgrid.ingest.opening import open_layer
from tests.ingest import files

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>CSV:/etc/passwd</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)


@pytest.fixture(autouse=True)
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(kind: object) -> None:
        pytest.fail(f"{kind} reached GDAL")

    monkeypatch.setattr(vector, "allow_only", reached)


def refused(path: Path, kind: type[GisgridError] = UnsafeFile) -> GisgridError:
    scratch = path.parent / "scratch"
    scratch.mkdir()
    with pytest.raises(kind) as caught:
        open_layer(path, scratch, layer=None, encoding=None, limits=Limits())
    assert all((*caught.value.what, *caught.value.todo))
    assert str(path.parent) not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("name", ["a.geojson", "a.kml", "a.gpkg", "a.shp", "a.csv", "a"])
def test_a_virtual_data_set_is_refused_under_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(VRT, encoding="utf-8")
    refused(tmp_path / name)


def test_a_virtual_data_set_with_a_kml_comment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_text(f"<!-- <kml> -->{VRT}", encoding="utf-8")
    refused(tmp_path / "a.kml")


def test_a_virtual_data_set_behind_a_long_comment_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_text(f"<!-- <kml> {'x' * 100_000} -->{VRT}", encoding="utf-8")
    layer = open_layer(tmp_path / "a.kml", tmp_path, layer=None, encoding=None, limits=Limits())
    assert len(layer.row) == 0


def test_kml_that_defines_entities_is_refused(tmp_path: Path) -> None:
    kml = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml><Placemark><name>&a;</name></Placemark></kml>'
    (tmp_path / "a.kml").write_text(kml, encoding="utf-8")
    refused(tmp_path / "a.kml")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\x00" * 100], ids=["nothing", "blank", "mark", "zeros"]
)
@pytest.mark.parametrize("name", ["a.csv", "a.geojson"])
def test_an_empty_file_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, UnreadableFile)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v AS SELECT load_extension('/tmp/x.so')",
        "CREATE VIEW st_geometry_columns AS SELECT load_extension('/tmp/x.so')",
        "CREATE TRIGGER evil AFTER INSERT ON a BEGIN DELETE FROM a; END",
        "CREATE VIRTUAL TABLE t USING fts5(x)",
        "CREATE VIRTUAL TABLE rtree_evil USING fts5(x)",
    ],
)
def test_a_geopackage_with_sql_of_its_own_is_refused(tmp_path: Path, statement: str) -> None:
    path = files.geopackage(tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()
    refused(path)


def test_another_sqlite_database_is_an_error(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        database.execute("CREATE TABLE t (x)")
        database.commit()
    refused(tmp_path / "a.gpkg", UnreadableFile)


def zip_of(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", **{"a.csv": b"0" * (200 << 20)})
    assert "200 MiB" in str(refused(path))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_an_excel_bomb_is_refused(tmp_path: Path) -> None:
    entries = {"[Content_Types].xml": b"", "xl/workbook.xml": b" " * (200 << 20)}
    refused(zip_of(tmp_path / "a.xlsx", **entries))


def test_a_zip_that_declares_less_than_it_holds_is_an_error(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", **{"a.csv": b"0" * (100 << 20)})
    content = path.read_bytes()
    path.write_bytes(content.replace((100 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    refused(path, GisgridError)


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "a/../../a.csv", "C:\\a.csv", "..\\a.csv", "inner.zip"]
)
def test_a_zip_that_points_outside_itself_or_nests_is_refused(tmp_path: Path, name: str) -> None:
    refused(zip_of(tmp_path / "a.zip", **{name: b"id,lon,lat\n1,2,3\n"}))


def test_a_zip_hidden_under_another_name_is_not_unpacked(tmp_path: Path) -> None:
    inner = zip_of(tmp_path / "inner.zip", **{"a.csv": b"id\n1\n"}).read_bytes()
    refused(zip_of(tmp_path / "a.zip", **{"a.csv": inner}), UnreadableFile)


def test_a_zip_of_very_many_files_is_refused(tmp_path: Path) -> None:
    refused(zip_of(tmp_path / "a.zip", **{f"{number}.csv": b"" for number in range(1_001)}))


def test_a_zip_without_data_says_what_it_holds(tmp_path: Path) -> None:
    assert "readme.txt" in str(
        refused(zip_of(tmp_path / "a.zip", **{"readme.txt": b"hello"}), UnreadableFile)
    )
