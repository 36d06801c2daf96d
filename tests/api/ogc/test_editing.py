"""Grids of a draft changed through OGC API Features Part 4: plain HTTP and OWSLib."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient
from owslib.ogcapi.features import Features
from sqlalchemy import text

from gisgrid.accounts.tokens import Scope, make_token
from gisgrid.store.database import Database
from tests.city import TOKENS, City
from tests.exchange_files import box

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def token_of(database: Database, login: str, *scopes: Scope) -> str:
    """A new access token of an account."""
    with database.bearer(TOKENS[login]) as session:
        account = session.execute(text("SELECT gisgrid.acting_account()")).scalar_one()
        return make_token(session, account, name="QGIS", scopes=scopes, days=1).token


def program(app: FastAPI, token: str) -> TestClient:
    """A program with an access token, such as QGIS."""
    return TestClient(app, headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})


@pytest.fixture
def gis(app: FastAPI, client: TestClient, database: Database) -> TestClient:
    """A program with a planner's token that may write."""
    return program(app, token_of(database, "planner", Scope.WRITE))


@pytest.fixture
def items(city: City) -> str:
    """The address of the draft's grids."""
    return f"/ogc/collections/draft-{city.draft}/items"


def feature(shape: shapely.Geometry | None, *, turned: bool = False, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature; `turned`: latitude first."""
    if shape is not None and turned:
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    geometry = None if shape is None else shapely.geometry.mapping(shape)
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def area_km2(gis: TestClient, items: str, uid: str) -> float:
    """What a grid has now."""
    (found,) = gis.get(f"{items}?uid={uid}").json()["features"]
    return float(found["properties"]["area_m2"]) / 1e6


def test_a_draft_is_a_collection_for_those_who_see_it(
    gis: TestClient, app: FastAPI, items: str, city: City
) -> None:
    listed = {each["id"] for each in gis.get("/ogc/collections").json()["collections"]}
    assert f"draft-{city.draft}" in listed
    assert f"draft-{city.plan}" not in listed
    public = TestClient(app)
    assert "draft-" not in public.get("/ogc/collections").text
    assert public.get(items).status_code == 404
    page = gis.get(f"{items}?limit=2").json()
    assert (page["numberMatched"], page["numberReturned"]) == (7, 2)
    assert gis.get(f"{items}?filter=level=3").json()["numberMatched"] == 3
    assert "create-replace-delete" in gis.get("/ogc/conformance").text


def test_what_may_be_done_is_told_before(gis: TestClient, app: FastAPI, items: str) -> None:
    assert gis.options(items).headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert gis.options(f"{items}/5").headers["allow"] == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
    assert gis.options("/ogc/collections/grids/items").headers["allow"] == "GET, HEAD, OPTIONS"
    assert TestClient(app).options(items).headers["allow"] == "GET, HEAD, OPTIONS"
    refused = gis.post("/ogc/collections/grids/items", json={})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_feature_is_read_replaced_patched_and_deleted(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.draft_grids['T2']}"
    known = gis.get(address)
    assert known.headers["etag"] == '"WEST:1"'
    body = known.json()
    body["geometry"] = shapely.geometry.mapping(box(6, 0, 10, 10))
    replaced = gis.put(address, json=body, headers={"If-Match": '"WEST:1"'})
    assert (replaced.status_code, replaced.headers["etag"]) == (204, '"WEST:2"'), replaced.text
    assert area_km2(gis, items, "T1") == pytest.approx(60, rel=1e-3)  # the neighbour took what T2 left
    assert gis.put(address, json=body, headers={"If-Match": '"WEST:1"'}).status_code == 412
    assert gis.put(address, json=body).status_code == 428
    patch = {"properties": {"name": "新二镇", "code": None}}
    kind = {"Content-Type": "application/merge-patch+json", "If-Match": '"WEST:2"'}
    assert gis.patch(address, content=json.dumps(patch), headers=kind).status_code == 204
    now = gis.get(address).json()["properties"]
    assert (now["name"], now["code"], now["category"]) == ("新二镇", None, "镇")
    again = gis.patch(address, json=patch, headers={"If-Match": '"WEST:3"'})
    assert (again.status_code, again.headers["etag"]) == (204, '"WEST:3"')  # nothing differed
    assert gis.delete(address, headers={"If-Match": '"WEST:3"'}).status_code == 204
    assert gis.get(address).status_code == 404
    assert area_km2(gis, items, "T1") == pytest.approx(100, rel=1e-3)


def test_a_new_feature_says_where_it_is(gis: TestClient, items: str) -> None:
    body = feature(box(15, 0, 20, 10), name="四镇", level=3, code="213009")
    made = gis.post(items, json=body, headers={"If-Match": '"EAST:1"'})
    assert made.status_code == 201, made.text
    told = gis.get(made.headers["location"]).json()
    assert told["properties"]["parent_uid"] == "EAST"
    assert told["properties"]["code"] == "213009"
    assert made.headers["etag"] == '"EAST:2"'
    key = feature(box(11, 1, 12, 2), name="重点", kind="key", parent_uid="CITY", supervising_level=1)
    assert gis.post(items, json=key, headers={"If-Match": "*"}).status_code == 201


def test_what_leaves_the_parent_is_refused_with_the_place(gis: TestClient, items: str, city: City) -> None:
    body = feature(box(9, 0, 15, 10), name="三镇")
    refused = gis.put(f"{items}/{city.draft_grids['T3']}", json=body, headers={"If-Match": "*"})
    assert refused.status_code == 422
    problem = refused.json()
    assert "outside 东县" in problem["detail"]
    lon, lat = (float(each) for each in problem["where"].split(", "))
    assert box(9, 0, 10, 10).covers(shapely.Point(lon, lat))


@pytest.mark.parametrize(("crs", "turned"), [(f"<{EPSG}4490>", True), (f"<{EPSG}4326>", True), (None, False)])
def test_axes_are_in_the_order_of_their_authority(
    gis: TestClient, items: str, city: City, crs: str | None, turned: bool
) -> None:
    address = f"{items}/{city.draft_grids['T3']}"
    headers = {"If-Match": "*"} | ({} if crs is None else {"Content-Crs": crs})
    body = feature(box(10, 0, 17, 10), turned=turned, name="三镇", category="镇")
    assert gis.put(address, json=body, headers=headers).status_code == 204
    assert area_km2(gis, items, "T3") == pytest.approx(70, rel=1e-3)


def test_a_county_line_is_moved_by_one_feature_and_townships_follow(
    gis: TestClient, items: str, city: City
) -> None:
    address = f"{items}/{city.draft_grids['WEST']}"
    patch = {"geometry": shapely.geometry.mapping(box(0, 0, 9, 10))}
    assert gis.patch(address, json=patch, headers={"If-Match": '"CITY:1"'}).status_code == 204
    assert area_km2(gis, items, "EAST") == pytest.approx(110, rel=1e-3)
    assert area_km2(gis, items, "T2") == pytest.approx(42, rel=1e-3)


def test_a_token_may_declare_that_the_last_writer_wins(
    app: FastAPI, database: Database, items: str, city: City
) -> None:
    token = token_of(database, "planner", Scope.WRITE, Scope.LAST_WRITER)
    qgis = program(app, token)
    address = f"{items}/{city.draft_grids['T1']}"
    assert qgis.patch(address, json={"properties": {"name": "甲"}}).status_code == 204
    stale = qgis.patch(address, json={"properties": {"name": "乙"}}, headers={"If-Match": '"WEST:1"'})
    assert stale.status_code == 412  # who names a version is held to it


def test_a_county_planner_writes_in_their_county_only(
    app: FastAPI, database: Database, items: str, city: City
) -> None:
    west = program(app, token_of(database, "west", Scope.WRITE))
    any_version = {"If-Match": "*"}
    name = {"properties": {"name": "x"}}
    for uid, status in (("T1", 204), ("T3", 404), ("WEST", 403)):
        answer = west.patch(f"{items}/{city.draft_grids[uid]}", json=name, headers=any_version)
        assert answer.status_code == status, uid


NAMED = {"name": "x"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/geo+json", 422),
        (b"<wfs:Transaction/>", "application/xml", 415),
        (b"[" * 100_000, "application/geo+json", 422),
        (b'{"type": "Feature", "geometry": NaN}', "application/geo+json", 422),
        (b'"Feature"', "application/geo+json", 422),
        (json.dumps(feature(None, name="x")).encode(), "application/geo+json", 422),
        (json.dumps(feature(box(10, 0, 15, 10).centroid, name="x")).encode(), "application/geo+json", 422),
        (json.dumps(feature(box(10, 0, 15, 10), name=["x"])).encode(), "application/geo+json", 400),
        (json.dumps(feature(box(10, 0, 15, 10))).encode(), "application/geo+json", 400),
        (json.dumps(feature(box(10, 0, 15, 10), name="x", uid="T9")).encode(), "application/json", 400),
        (json.dumps(feature(box(10, 0, 15, 10), name="x", parent_uid="?")).encode(), "application/json", 404),
        (json.dumps(feature(box(10, 0, 15, 10), name="x", basis="whim")).encode(), "application/json", 400),
        (json.dumps({**feature(box(10, 0, 15, 10)), "properties": "x"}).encode(), "application/json", 422),
        (json.dumps(feature(box(10, 0, 15, 10), turned=True, name="x")).encode(), "application/json", 422),
        (
            json.dumps({"type": "Feature", "properties": NAMED, "geometry": {"type": "Polygon"}}).encode(),
            "application/json",
            422,
        ),
    ],
)
def test_bodies_that_are_no_grid_are_refused_with_a_reason(
    gis: TestClient, items: str, city: City, body: bytes, kind: str, status: int
) -> None:
    headers = {"Content-Type": kind, "If-Match": "*"}
    address = f"{items}/{city.draft_grids['T3']}"
    answer = gis.put(address, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert gis.put(address, content=body, headers={**headers, "Content-Crs": "<EPSG:9>"}).status_code < 500
    assert gis.post(items, content=body, headers=headers).status_code < 500


def test_a_feature_that_is_none_is_not_found(gis: TestClient, items: str) -> None:
    for fid in ("999999", "x", "1" * 30):
        assert gis.delete(f"{items}/{fid}", headers={"If-Match": "*"}).status_code == 404
    assert gis.post("/ogc/collections/draft-999999/items", json={}).status_code == 404
    metres = gis.post(items, json={}, headers={"If-Match": "*", "Content-Crs": f"<{EPSG}3857>"})
    assert metres.status_code == 400


def test_owslib_creates_updates_and_deletes(live_site: str, database: Database, city: City) -> None:
    token = token_of(database, "planner", Scope.WRITE, Scope.LAST_WRITER)
    features = Features(f"{live_site}/ogc", headers={"Authorization": f"Bearer {token}"})
    name = f"draft-{city.draft}"
    assert name in features.feature_collections()
    assert features.collection_item_create(name, feature(box(15, 0, 20, 10), name="四镇", level=3))
    found = features.collection_items(name, filter="name = '四镇'")["features"]
    (made,) = found
    made["properties"]["name"] = "五镇"
    made["geometry"] = shapely.geometry.mapping(box(14, 0, 20, 10))
    assert features.collection_item_update(name, str(made["id"]), json.dumps(made))
    now = features.collection_item(name, str(made["id"]))
    assert now["properties"]["name"] == "五镇"
    assert now["properties"]["area_m2"] == pytest.approx(60e6, rel=1e-3)
    bad = {**made, "geometry": shapely.geometry.mapping(box(9, 0, 20, 10))}
    with pytest.raises(RuntimeError, match=r"outside 东县|在东县以外"):
        features.collection_item_update(name, str(made["id"]), json.dumps(bad))
    assert features.collection_item_delete(name, str(made["id"]))
    assert features.collection_items(name, filter="name = '五镇'")["features"] == []
