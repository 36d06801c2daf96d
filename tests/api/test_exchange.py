"""Drafts as files over HTTP: out, changed, back; and whatever people send instead."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.api.conftest import Clients
from tests.city import City
from tests.exchange_files import box, changed, redrawn


def out(client: TestClient, city: City, folder: Path, kind: str = "gpkg") -> Path:
    """The draft as a file."""
    answer = client.get(f"/api/plans/{city.draft}/export?format={kind}")
    assert answer.status_code == 200, answer.text
    assert "gisgrid-plan-" in answer.headers["content-disposition"]
    path = folder / {"gpkg": "out.gpkg", "geojson": "out.geojson", "shp": "out.zip"}[kind]
    path.write_bytes(answer.content)
    return path


def send(client: TestClient, city: City, content: bytes, name: str, query: str = "", **headers: str) -> Any:
    """The answer to an upload."""
    return client.post(
        f"/api/plans/{city.draft}/imports?filename={name}{query}", content=content, headers=headers
    )


def county_line(frame: gpd.GeoDataFrame) -> None:
    """Both counties and their townships moved west by a kilometre."""
    redrawn(WEST=box(0, 0, 9, 10), EAST=box(9, 0, 20, 10), T2=box(4.8, 0, 9, 10), T3=box(9, 0, 15, 10))(frame)


def test_a_file_goes_out_is_changed_shown_applied_and_taken_back(
    as_account: Clients, city: City, tmp_path: Path
) -> None:
    planner = as_account("planner")
    path = changed(out(planner, city, tmp_path), county_line, tmp_path / "back.gpkg")
    shown = send(planner, city, path.read_bytes(), "back.gpkg")
    assert shown.status_code == 200, shown.text
    told = shown.json()
    assert (told["unchanged"], told["stale"], told["edit"]["number"]) == (3, None, None)
    results = {each["uid"]: each["result"] for each in told["items"]}
    assert results == {"WEST": "applied", "EAST": "applied", "T2": "followed", "T3": "followed"}
    t3 = next(each for each in told["items"] if each["uid"] == "T3")
    assert t3["moved_m"] == pytest.approx(1000, rel=0.01)
    assert t3["differs_m2"] == pytest.approx(10e6, rel=0.01)
    assert planner.get(f"/api/plans/{city.draft}/edits").json()["edits"] == []
    done = send(planner, city, path.read_bytes(), "back.gpkg", "&apply=true")
    assert done.json()["edit"]["number"] == 1
    again = send(planner, city, path.read_bytes(), "back.gpkg", "&apply=true")
    assert again.status_code == 200  # nothing differs any more
    assert (again.json()["items"], again.json()["edit"]) == ([], None)
    assert planner.post(f"/api/plans/{city.draft}/edits/undo").json()["state"] == "undone"
    late = send(planner, city, path.read_bytes(), "back.gpkg", "&apply=true")
    assert late.status_code == 412
    shown = send(planner, city, path.read_bytes(), "back.gpkg").json()
    assert shown["stale"]["where"]
    seen = ", ".join(f'"{uid}:{version}"' for uid, version in shown["edit"]["holders"].items())
    anyway = send(planner, city, path.read_bytes(), "back.gpkg", "&apply=true", **{"If-Match": seen})
    assert anyway.json()["edit"]["number"] == 2


def test_a_token_that_declares_so_brings_in_a_file_whatever_others_did(
    app: FastAPI, as_account: Clients, city: City, tmp_path: Path
) -> None:
    planner = as_account("planner")
    path = changed(out(planner, city, tmp_path), county_line, tmp_path / "back.gpkg")
    rename = {"operation": "attributes", "grid": "WEST", "changes": {"name": "x"}}
    headers = {"If-Match": '"CITY:1"'}
    assert planner.post(f"/api/plans/{city.draft}/edits", json=rename, headers=headers).status_code == 201
    assert send(planner, city, path.read_bytes(), "back.gpkg", "&apply=true").status_code == 412
    for scopes, said in ((["write"], {"If-Match": "*"}), (["write", "last-writer-wins"], {})):
        made = planner.post("/api/tokens", json={"name": "QGIS", "scopes": scopes}).json()
        qgis = TestClient(app, headers={"Authorization": f"Bearer {made['token']}"})
        done = send(qgis, city, path.read_bytes(), "back.gpkg", "&apply=true", **said)
        assert done.status_code == 200, done.text
        assert done.json()["edit"]["number"]
        assert planner.post(f"/api/plans/{city.draft}/edits/undo").status_code == 200


@pytest.mark.parametrize("kind", ["geojson", "shp"])
def test_other_formats_come_back_too(as_account: Clients, city: City, tmp_path: Path, kind: str) -> None:
    planner = as_account("planner")
    path = out(planner, city, tmp_path, kind)
    told = send(planner, city, path.read_bytes(), path.name).json()
    assert (told["items"], told["unchanged"], told["edit"]) == ([], 7, None)


def features(*grids: tuple[dict[str, Any], shapely.Geometry], crs: str | None = None) -> bytes:
    """A GeoJSON file."""
    told: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": cells, "geometry": shapely.geometry.mapping(shape)}
            for cells, shape in grids
        ],
    }
    if crs is not None:
        told["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(told, ensure_ascii=False).encode()


def bomb() -> bytes:
    """A zip of 600 MiB of nothing in a few hundred kilobytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.shp", "w") as file:
        for _ in range(600):
            file.write(b"\0" * 2**20)
    return packed.getvalue()


def elsewhere(shape: shapely.Geometry) -> shapely.Geometry:
    """The same five degrees to the north."""
    return shapely.transform(shape, lambda xy: xy + np.array([0, 5]))


T3 = {"uid": "T3", "name": "三镇"}
VRT = (
    b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
    b"</OGRVRTLayer></OGRVRTDataSource>"
)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.gpkg", "No file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "a.gpkg", "neither .gpkg"),
        (b"SQLite format 3\x00" + bytes(2000), "a.gpkg", ""),
        (VRT, "a.geojson", "virtual data set"),
        (bomb(), "a.zip", "zip bomb"),
        (features((T3, box(10, 0, 14, 10)), crs="EPSG:3857"), "a.geojson", "Nothing in it lies"),
        (features((T3, elsewhere(box(10, 0, 15, 10)))), "a.geojson", "Nothing in it lies"),
        (features(({"name": "x"}, box(10, 0, 15, 10))), "a.geojson", "neither a column uid nor code"),
        (features((T3, box(10, 0, 15, 10).centroid)), "a.geojson", "no polygons"),
        (
            features((T3, box(10, 0, 15, 10)), (T3, box(11, 0, 15, 10))),
            "a.geojson",
            "are the same grid",
        ),
        (features((T3, shapely.transform(box(10, 0, 15, 10), lambda xy: xy[:, ::-1]))), "a.geojson", ""),
        (b'{"type": "FeatureCollection", "features": [', "a.geojson", "damaged"),
        (b"uid,name\nT3,x\n", "a.csv", "no polygons"),
    ],
    ids=[
        "nothing", "picture", "broken", "vrt", "bomb", "crs", "elsewhere", "columns", "points",
        "twice", "swapped", "cut", "table",
    ],
)  # fmt: skip
def test_what_is_no_file_of_these_grids_is_refused_with_a_reason(
    as_account: Clients, city: City, content: bytes, name: str, said: str
) -> None:
    answer = send(as_account("planner"), city, content, name, **{"Accept-Language": "en"})
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert "upload." not in answer.text
    assert "gisgrid-upload" not in answer.text


def test_a_polygon_of_100_000_vertices_is_refused_by_itself(as_account: Clients, city: City) -> None:
    turn = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    centre = box(12, 4, 13, 5).centroid
    circle = shapely.Polygon(
        np.column_stack([centre.x + 0.01 * np.cos(turn), centre.y + 0.01 * np.sin(turn)])
    )
    told = send(as_account("planner"), city, features((T3, circle)), "a.geojson").json()
    (item,) = (each for each in told["items"] if each["row"])
    assert item["result"] == "refused"
    assert "20000" in item["refused"][0]["reason"]["en"]


def test_cells_that_no_grid_can_have_are_refused_and_markup_is_a_name_like_any_other(
    as_account: Clients, city: City
) -> None:
    planner = as_account("planner")
    grids = [
        ({"uid": "T1", "name": "<script>alert(1)</script>", "basis": None}, box(0, 0, 5, 10)),
        ({"uid": "T2", "name": "x" * 300, "basis": None}, box(4.8, 0, 10, 10)),
        ({"uid": "T3", "name": "三镇", "basis": "whim"}, box(10, 0, 15, 10)),
    ]
    told = send(planner, city, features(*grids), "a.geojson").json()
    results = {each["uid"]: each["result"] for each in told["items"]}
    assert results == {"T1": "applied", "T2": "refused", "T3": "refused"}
    needed = send(planner, city, features(*grids), "a.geojson", "&apply=true")
    assert needed.status_code == 428
    seen = {"If-Match": '"WEST:1"'}
    done = send(planner, city, features(*grids), "a.geojson", "&apply=true", **seen)
    assert done.status_code == 200
    names = [each["properties"]["name"] for each in done.json()["edit"]["changed"]]
    assert names == ["<script>alert(1)</script>"]


def test_a_file_that_is_too_large_is_not_taken(as_account: Clients, city: City) -> None:
    answer = send(as_account("planner"), city, bytes(64 * 2**20 + 1), "a.gpkg")
    assert answer.status_code == 413


def test_a_name_is_only_a_name(as_account: Clients, city: City) -> None:
    content = features((T3, elsewhere(box(10, 0, 15, 10))))
    answer = send(as_account("planner"), city, content, "..%2F..%2Fetc%2Fpasswd%00.geojson")
    assert answer.status_code == 400
    assert "passwd?.geojson" in answer.json()["where"]
    assert as_account("planner").post(f"/api/plans/{city.draft}/imports", content=b"x").status_code == 400


def test_a_published_plan_goes_out_and_takes_nothing_in(
    as_account: Clients, city: City, tmp_path: Path
) -> None:
    planner = as_account("planner")
    answer = planner.get(f"/api/plans/{city.plan}/export?format=geojson")
    assert answer.status_code == 200
    back = planner.post(f"/api/plans/{city.plan}/imports?filename=a.geojson", content=answer.content)
    assert back.status_code == 409
    assert planner.get(f"/api/plans/{city.plan}/export?format=dwg").status_code == 400


def test_what_a_file_is_in_may_be_said_and_must_be_known(
    as_account: Clients, city: City, tmp_path: Path
) -> None:
    planner = as_account("planner")
    content = out(planner, city, tmp_path).read_bytes()
    assert send(planner, city, content, "a.gpkg", "&crs=CGCS2000").json()["items"] == []
    for wrong in ("EPSG:1", "moon", "%00", "x" * 101):
        answer = send(planner, city, content, "a.gpkg", f"&crs={wrong}")
        assert answer.status_code in (400, 422), wrong
