"""A layer as a file of each format, read back by other programs."""

from __future__ import annotations

import csv
import io
import json
import resource
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from gisgrid.store.database import Database
from layers import all_layers
from tests.api.conftest import Clients
from tests.city import City

FORMATS = ("geojson", "gpkg", "fgb", "parquet")


def _download(client: TestClient, layer: str, **query: str) -> bytes:
    answer = client.get(f"/api/layers/{layer}/download", params=query)
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


def _frame(content: bytes, kind: str, folder: Path) -> gpd.GeoDataFrame:
    file = folder / f"download.{kind}"
    file.write_bytes(content)
    return gpd.read_parquet(file) if kind == "parquet" else gpd.read_file(file)


@pytest.mark.parametrize("kind", FORMATS)
def test_points_come_back_as_they_are(client: TestClient, tmp_path: Path, kind: str) -> None:
    found = _frame(_download(client, "sources", format=kind), kind, tmp_path)
    assert sorted(found["uid"]) == ["S1", "S2", "S3", "S4", "S5"]
    assert set(found.columns) - {"id", "geometry"} == {
        column.name for column in all_layers()["sources"].columns
    }
    assert found.crs.to_epsg() == (4326 if kind == "geojson" else 4490)
    assert found.geometry.x.between(122, 124).all()
    assert found.geometry.y.between(40, 42).all()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_layer_can_be_downloaded(as_account: Clients, tmp_path: Path, kind: str) -> None:
    client = as_account("admin")
    for layer in all_layers():
        page = client.get(f"/ogc/collections/{layer}/items").json()
        found = _frame(_download(client, layer, format=kind), kind, tmp_path)
        assert len(found) == page["numberMatched"], layer


def test_a_csv_has_a_mark_a_header_and_places(client: TestClient) -> None:
    content = _download(client, "sources", format="csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["uid"] for row in rows] == ["S1", "S2", "S3", "S4", "S5"]
    assert 122 < float(rows[0]["lon"]) < 124
    grids = list(csv.DictReader(io.StringIO(_download(client, "grids", format="csv").decode("utf-8-sig"))))
    assert grids[0]["wkt"].startswith("MULTIPOLYGON")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_no_cell_of_a_csv_is_a_formula(client: TestClient, database: Database, name: str) -> None:
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.source SET name = :name WHERE uid = 'S1'"), {"name": name})
    rows = csv.DictReader(
        io.StringIO(_download(client, "sources", format="csv").decode("utf-8-sig"), newline="")
    )
    assert next(row for row in rows if row["uid"] == "S1")["name"] == f"'{name}"
    # Formats that no spreadsheet runs keep the name as it is.
    features = json.loads(_download(client, "sources", format="geojson"))["features"]
    assert name in {feature["properties"]["name"] for feature in features}


@pytest.mark.parametrize("kind", [*FORMATS, "csv"])
def test_an_empty_selection_is_a_file_all_the_same(client: TestClient, tmp_path: Path, kind: str) -> None:
    content = _download(client, "grids", format=kind, filter="name = 'nobody'")
    if kind == "csv":
        assert content.decode("utf-8-sig").count("\n") == 1
    else:
        assert len(_frame(content, kind, tmp_path)) == 0


def test_box_and_filter_choose_the_rows(client: TestClient) -> None:
    chosen = json.loads(_download(client, "sources", filter="source_class = 'C'"))["features"]
    assert {each["properties"]["uid"] for each in chosen} == {"S1", "S4"}
    x, y = chosen[0]["geometry"]["coordinates"]
    near = json.loads(_download(client, "sources", bbox=f"{x - 0.01},{y - 0.01},{x + 0.01},{y + 0.01}"))
    assert len(near["features"]) == 1
    assert near["features"][0]["id"] == chosen[0]["properties"].get("id", near["features"][0]["id"])


@pytest.mark.parametrize(
    "query", ["format=shp", "format=", "filter=x", "bbox=1", "limit=1", "filter=pg_sleep(9)=1", "plan=x"]
)
def test_what_cannot_be_made_is_400_with_a_reason(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/layers/sources/download?{query}")
    assert answer.status_code == 400
    assert answer.json()["todo"]


def test_an_internal_layer_is_for_those_who_log_in(
    client: TestClient, as_account: Clients, city: City
) -> None:
    path = "/api/layers/coverage-gaps/download"
    assert client.get(path).status_code == 404
    answer = as_account("token").get(path)
    assert answer.headers["cache-control"].startswith("private")
    assert len(answer.json()["features"]) == 1
    assert len(as_account("west").get(path).json()["features"]) == 0
    assert client.get(f"/api/layers/grids/download?plan={city.draft}").status_code == 404


def test_an_unchanged_file_is_not_made_again(client: TestClient) -> None:
    answer = client.get("/api/layers/sources/download?format=gpkg")
    again = client.get(
        "/api/layers/sources/download?format=gpkg", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_nothing_is_left_behind(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _download(client, "sources", format="gpkg")
    assert client.get("/api/layers/sources/download?filter=x").status_code == 400
    monkeypatch.setattr("gisgrid.publication.layer_files.MAX_ROWS", 3)
    for kind in (*FORMATS, "csv"):
        answer = client.get(f"/api/layers/sources/download?format={kind}", headers={"Accept-Language": "en"})
        assert answer.status_code == 400, kind
        assert "More than 3 rows" in answer.json()["detail"]
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_space_is_said_before_writing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gisgrid.publication.layer_files.MIN_FREE_BYTES", 2**62)
    answer = client.get("/api/layers/sources/download", headers={"Accept-Language": "en"})
    assert answer.status_code == 507
    assert "disk" in answer.json()["detail"]


_FULL = """
import resource, signal, sys
from pathlib import Path
import shapely
from gisgrid.errors import OutputError
from gisgrid.publication.layer_files import Format, write_layer
from layers import all_layers

class Rows:
    layer = all_layers()["sources"]
    def records(self, session, limit):
        wkb = shapely.to_wkb(shapely.Point(123, 41))
        return ((at, wkb, f"S{at}", "a name that takes room " * 8, None, "A") for at in range(60_000))

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
path = Path(sys.argv[2]) / f"file.{sys.argv[1]}"
try:
    write_layer(None, Rows(), Format(sys.argv[1]), path)
except OutputError:
    sys.exit(1 if path.exists() else 42)
sys.exit(2)
"""


@pytest.mark.parametrize("kind", [*FORMATS, "csv"])
def test_a_disk_that_fills_up_while_writing_is_said_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    """A limit on the size of files stands for the disk's."""
    assert hasattr(resource, "RLIMIT_FSIZE")
    done = subprocess.run(
        [sys.executable, "-c", _FULL, kind, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 42, (done.returncode, done.stderr[-2000:])
