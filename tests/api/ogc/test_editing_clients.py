"""Drafts changed by clients that nobody here wrote, or as they do: OWSLib, QGIS, schemathesis."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import shapely
from owslib.ogcapi.features import Features

from gisgrid.accounts.tokens import Scope
from gisgrid.store.database import Database
from tests.api.ogc.drafting import EPSG, audited, feature, rounded, token_of
from tests.city import City
from tests.exchange_files import box


@pytest.fixture
def token(database: Database, city: City) -> str:
    """A planner's, whose programs name no version."""
    return token_of(database, "planner", Scope.WRITE, Scope.LAST_WRITER)


@pytest.fixture
def qgis(live_site: str, city: City, token: str) -> Iterator[httpx.Client]:
    """A program that logs in as QGIS does: with the token as password. It sends no If-Match."""
    base = f"{live_site}/ogc/collections/draft-{city.draft}"
    with httpx.Client(base_url=base, auth=("planner", token), timeout=30) as client:
        yield client


def test_owslib_creates_updates_and_deletes(
    live_site: str, database: Database, city: City, token: str
) -> None:
    features = Features(f"{live_site}/ogc", headers={"Authorization": f"Bearer {token}"})
    name = f"draft-{city.draft}"
    assert name in features.feature_collections()
    assert features.collection_item_create(name, feature(box(15, 0, 20, 10), name="四镇", level=3))
    (made,) = features.collection_items(name, filter="name = '四镇'")["features"]
    assert audited(database, city) == ["overlap"] or all(
        "overlap" in each for each in audited(database, city)
    )
    made["properties"]["name"] = "五镇"
    made["geometry"] = shapely.geometry.mapping(box(14, 0, 20, 10))
    assert features.collection_item_update(name, str(made["id"]), json.dumps(made))
    now = features.collection_item(name, str(made["id"]))
    assert now["properties"]["name"] == "五镇"
    assert now["properties"]["area_m2"] == pytest.approx(60e6, rel=1e-3)
    (t3,) = features.collection_items(name, filter="uid = 'T3'")["features"]
    assert t3["properties"]["area_m2"] == pytest.approx(40e6, rel=1e-3)
    bad = {**made, "geometry": shapely.geometry.mapping(box(9, 0, 20, 10))}
    with pytest.raises(RuntimeError, match=r"outside 东县|在东县以外"):
        features.collection_item_update(name, str(made["id"]), json.dumps(bad))
    assert features.collection_item_delete(name, str(made["id"]))
    assert features.collection_items(name, filter="name = '五镇'")["features"] == []


def test_owslib_without_the_right_to_write_is_told_so(live_site: str, database: Database, city: City) -> None:
    token = token_of(database, "planner", Scope.READ)
    features = Features(f"{live_site}/ogc", headers={"Authorization": f"Bearer {token}"})
    with pytest.raises(RuntimeError, match="403"):
        features.collection_item_create(f"draft-{city.draft}", feature(box(15, 0, 20, 10), name="x", level=3))


def test_qgis_draws_a_grid_and_moves_a_border_and_the_audit_finds_nothing(
    qgis: httpx.Client, database: Database, city: City
) -> None:
    """QGIS rounds what it creates or replaces to six decimals, and sends all fields as it has them."""
    geojson = {"Content-Type": "application/geo+json", "Content-Crs": f"{EPSG}4490"}
    assert "POST" in qgis.options("/items").headers["allow"]
    empty = dict.fromkeys(("uid", "kind", "code", "category", "basis", "parent_uid", "area_m2", "version"))
    new = feature(rounded(box(15, 0, 20, 10)), turned=True, **empty, name="四镇", level=3, is_partial=None)
    made = qgis.post("/items", content=json.dumps(new), headers=geojson)
    assert made.status_code == 201, made.text
    assert all("overlap" in each for each in audited(database, city))

    t2 = qgis.get(f"/items/{city.draft_grids['T2']}", params={"crs": f"{EPSG}4490"}).json()
    ring = np.array(box(5, 0, 10, 10).exterior.coords)
    t2["geometry"] = feature(rounded(shapely.Polygon(ring)), turned=True)["geometry"]
    put = qgis.put(f"/items/{t2['id']}", content=json.dumps(t2), headers=geojson)
    assert put.status_code == 204, put.text
    assert audited(database, city) == []

    # A border with a bend, replaced whole: rounded again; the neighbour follows.
    fid = made.headers["location"].rpartition("/")[2]
    known = qgis.get(f"/items/{fid}", params={"crs": f"{EPSG}4490"}).json()
    bent = shapely.union(box(15, 0, 20, 10), box(13, 4, 16, 6))
    known["geometry"] = feature(rounded(bent), turned=True)["geometry"]
    put = qgis.put(f"/items/{fid}", content=json.dumps(known), headers=geojson)
    assert put.status_code == 204, put.text
    assert audited(database, city) == []
    areas = {
        each["properties"]["uid"]: each["properties"]["area_m2"] / 1e6
        for each in qgis.get("/items").json()["features"]
    }
    assert areas["T3"] == pytest.approx(46, rel=1e-3)
    assert areas["EAST"] == pytest.approx(100, rel=1e-3)
    assert areas["T3"] + 54 == pytest.approx(areas["EAST"], rel=1e-3)


def test_qgis_patches_geometry_and_attributes_apart(
    qgis: httpx.Client, database: Database, city: City
) -> None:
    merge = {"Content-Type": "application/merge-patch+json"}
    address = f"/items/{city.draft_grids['T2']}"
    moved = {"geometry": shapely.geometry.mapping(box(6, 0, 10, 10))}
    assert qgis.patch(address, content=json.dumps(moved), headers=merge).status_code == 204
    named = {"properties": {"name": "新二镇"}}
    assert qgis.patch(address, content=json.dumps(named), headers=merge).status_code == 204
    assert qgis.get(address).json()["properties"]["name"] == "新二镇"
    assert not [each for each in audited(database, city) if "overlap" in each]
    assert qgis.delete(address).status_code == 204


def test_who_names_a_version_is_held_to_it_though_the_last_writer_wins(
    qgis: httpx.Client, city: City
) -> None:
    address = f"/items/{city.draft_grids['T1']}"
    assert qgis.patch(address, json={"properties": {"name": "甲"}}).status_code == 204
    stale = qgis.patch(address, json={"properties": {"name": "乙"}}, headers={"If-Match": '"WEST:1"'})
    assert stale.status_code == 412
    assert qgis.get(address).json()["properties"]["name"] == "甲"


def test_what_the_openapi_document_allows_of_a_draft_never_makes_the_server_fail(
    live_site: str, city: City, token: str, tmp_path: Path
) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{live_site}/ogc/api",
            "--url",
            f"{live_site}/ogc",
            "-H",
            f"Authorization: Bearer {token}",
            "--include-path-regex",
            "/draft-.*/items",
            "--max-examples=10",
            "--checks=not_a_server_error,content_type_conformance,status_code_conformance,response_schema_conformance",
            "--phases=examples,coverage,fuzzing",
            "--request-timeout=30",
            "--suppress-health-check=all",
            "--seed=1",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=280,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
