"""Files that would reach outside themselves or exhaust the machine end in one clear error."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gisgrid.errors import GisgridError, OutputError, UnreadableFile, UnsafeFile
from gisgrid.ingest import Limits, read
from gisgrid.ingest.rows import NESTED
from tests.ingest import files
from tests.ingest.files import SQUARE, feature, geojson
from tests.ingest.wkb_bytes import nested, point, polygon


def refused(path: Path, kind: type[GisgridError] = UnsafeFile, **options: object) -> GisgridError:
    with pytest.raises(kind) as caught:
        read(path, **options)  # type: ignore[arg-type]
    error = caught.value
    assert error.where.startswith(path.name)
    assert str(path.parent) not in str(error)
    assert all((*error.what, *error.todo))
    return error


@pytest.mark.parametrize(
    "address",
    ["/vsicurl/http://127.0.0.1:9/a.geojson", "/vsizip//tmp/a.zip", "http://127.0.0.1:9/a.json", "GPKG:/x"],
)
def test_an_address_is_no_file(address: str) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        read(Path(address))


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "folder.gpkg").mkdir()
    (tmp_path / "nowhere.gpkg").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop.gpkg").symlink_to(tmp_path / "loop.gpkg")
    refused(tmp_path / "pipe.csv")
    refused(tmp_path / "zero.csv")
    for name in ("folder.gpkg", "nowhere.gpkg", "loop.gpkg"):
        refused(tmp_path / name, UnreadableFile)


def test_a_link_to_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("id,lon,lat\n1,122,41\n", encoding="ascii")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert read(tmp_path / "link.csv").file == "link.csv"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"id,lon,lat\n"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}'),
        ("a.json", b'{"name":"package"}'),
        ("a.json", b"[1, 2, 3]"),
        ("a.gpkg", b"no database at all"),
        ("a.kml", b"<kml><Document></Document></kml>"),
        ("a.kml", b"<html><body>404</body></html>"),
        ("a.prj", b"GEOGCS"),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\xff" * 500),
        ("a.fgb", b"fgb\x03fgb\x00" + b"\xff" * 500),
        ("a.parquet", b"PAR1" + b"\xff" * 500),
        ("a.xlsx", b"PK\x03\x04" + b"\xff" * 500),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600),
        ("a.gpkg", b"SQLite format 3\x00" + b"\xff" * 500),
    ],
)
def test_a_file_without_rows_or_sense_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, UnreadableFile)


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".geojson", ".fgb"])
def test_half_a_file_is_an_error_or_says_what_is_missing(tmp_path: Path, suffix: str) -> None:
    frame = pd.concat([files.grids()] * 500, ignore_index=True)
    path = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    try:
        table = read(path)
    except UnreadableFile:
        return
    assert suffix == ".fgb"
    (rejected,) = table.rejected
    assert rejected.row == len(table.rows) + 1
    assert "1000" in rejected.reason.en


def test_json_nested_a_million_deep_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text("[" * 1_000_000, encoding="ascii")
    refused(tmp_path / "a.geojson", UnreadableFile)


def test_collections_nested_in_geojson_are_an_error(tmp_path: Path) -> None:
    collection = '{"type":"GeometryCollection","geometries":['
    geometry = collection * 20_000 + json.dumps(SQUARE) + "]}" * 20_000
    (tmp_path / "a.geojson").write_text(f'{{"type":"Feature","properties":{{}},"geometry":{geometry}}}')
    refused(tmp_path / "a.geojson", UnreadableFile)


def test_collections_nested_in_a_geopackage_cost_their_row_only(tmp_path: Path) -> None:
    path = files.geopackage(tmp_path / "a.gpkg")
    files.replace_geometry(path, nested(50_000, point(1, 2)))
    table = read(path)
    assert table.rows.index.tolist() == [2]
    assert [(each.row, each.reason) for each in table.rejected] == [(1, NESTED)]


def test_a_tangle_of_100_000_vertices_is_answered_in_time(tmp_path: Path) -> None:
    path = files.geopackage(tmp_path / "a.gpkg")
    vertices = np.random.default_rng(2).random((100_000, 2))
    files.replace_geometry(path, polygon([*map(tuple, vertices.tolist()), tuple(vertices[0].tolist())]))
    begin = time.monotonic()
    table = read(path)
    assert time.monotonic() - begin < 20
    assert table.rows.index.tolist() == [2]
    assert "100,001 vertices" in table.rejected[0].reason.en


def test_a_geopackage_with_the_views_of_older_templates_is_read(tmp_path: Path) -> None:
    path = files.geopackage(tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE VIEW st_spatial_ref_sys AS SELECT srs_name, srs_id FROM gpkg_spatial_ref_sys"
        )
        database.commit()
    assert len(read(path).rows) == 2


def test_a_file_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"0" * 2_000)
    refused(tmp_path / "a.csv", limits=replace(Limits(), file_bytes=1_000))


def test_more_rows_than_allowed_are_refused(tmp_path: Path) -> None:
    refused(files.geopackage(tmp_path / "a.gpkg"), limits=replace(Limits(), rows=1))


def test_reading_is_stopped_when_its_time_is_up(tmp_path: Path) -> None:
    refused(files.geopackage(tmp_path / "a.gpkg"), limits=replace(Limits(), wall_s=0.05))


def test_reading_is_stopped_when_it_wants_too_much_memory(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["x" * 1_000] * 300_000})
    frame.to_parquet(tmp_path / "a.parquet", compression="zstd")  # a few kilobytes that unpack to 300 MB
    refused(tmp_path / "a.parquet", GisgridError, limits=replace(Limits(), memory_bytes=600 << 20))


def test_reading_is_stopped_when_its_processor_time_is_up(tmp_path: Path) -> None:
    features = [feature(SQUARE, name="x" * 100)] * 200_000
    refused(geojson(tmp_path / "a.geojson", *features), limits=replace(Limits(), cpu_s=1))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    read(files.geopackage(tmp_path / "a.gpkg"))
    (tmp_path / "empty.csv").touch()
    refused(tmp_path / "empty.csv", UnreadableFile)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_full_disk_is_named_as_such(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": [f"{number:>100}" for number in range(20_000)]})
    frame.to_parquet(tmp_path / "a.parquet")
    limits = replace(Limits(), file_bytes=1 << 20, zip_bytes=1 << 20)  # what may be written, too
    assert "temporary folder" in str(refused(tmp_path / "a.parquet", OutputError, limits=limits))
