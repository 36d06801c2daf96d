"""Grids of a draft created, replaced, updated and deleted through OGC API Features Part 4."""

from __future__ import annotations

import json

import pytest
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient

from gisgrid.accounts.tokens import Scope
from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.api.ogc.drafting import ANY, EPSG, area_km2, audited, feature, mended, program, token_of
from tests.city import City
from tests.exchange_files import box

READ = "GET, HEAD, OPTIONS"


@pytest.fixture
def gis(app: FastAPI, client: TestClient, database: Database) -> TestClient:
    """A program with a planner's token that may write."""
    return program(app, token_of(database, "planner", Scope.WRITE))


@pytest.fixture
def items(city: City) -> str:
    """The address of the draft's grids."""
    return f"/ogc/collections/draft-{city.draft}/items"


def test_a_draft_is_a_collection_for_those_who_see_it(
    gis: TestClient, client: TestClient, as_account: Clients, items: str, city: City
) -> None:
    name = f"draft-{city.draft}"
    listed = {each["id"]: each for each in gis.get("/ogc/collections").json()["collections"]}
    assert listed[name]["title"] == "Draft: Revision 2026"
    assert listed[name]["numberItems"] == 7
    assert f"draft-{city.plan}" not in listed
    assert gis.get(f"/ogc/collections/{name}").json()["storageCrs"] == f"{EPSG}4490"
    for other in (client, as_account("officer")):
        assert "draft-" not in other.get("/ogc/collections").text
        assert "draft-" not in other.get("/ogc/api").text
        assert other.get(items).status_code == 404
        assert other.get(f"{items}/{city.draft_grids['T1']}").status_code == 404


def test_a_draft_is_read_by_pages_boxes_and_filters_like_a_layer(gis: TestClient, items: str) -> None:
    page = gis.get(f"{items}?limit=2").json()
    assert (page["numberMatched"], page["numberReturned"]) == (7, 2)
    assert any(link["rel"] == "next" for link in page["links"])
    west, south, east, north = box(16, 1, 17, 2).bounds
    inside = gis.get(f"{items}?bbox={west},{south},{east},{north}").json()
    assert {each["properties"]["uid"] for each in inside["features"]} == {"CITY", "EAST"}
    assert gis.get(f"{items}?filter=level=3").json()["numberMatched"] == 3
    cql2 = {"op": "in", "args": [{"property": "uid"}, ["T1", "T3", "T9"]]}
    found = gis.get(items, params={"filter": json.dumps(cql2), "filter-lang": "cql2-json"}).json()
    assert {each["properties"]["parent_uid"] for each in found["features"]} == {"WEST", "EAST"}
    assert gis.get(f"{items}?sortby=-area_m2&limit=1").json()["features"][0]["properties"]["uid"] == "CITY"


def test_a_county_planner_reads_their_county_of_a_draft(app: FastAPI, database: Database, items: str) -> None:
    west = program(app, token_of(database, "west", Scope.READ))
    seen = {each["properties"]["uid"] for each in west.get(items).json()["features"]}
    assert {"WEST", "T1", "T2"} <= seen
    assert {"EAST", "T3"}.isdisjoint(seen)


@pytest.mark.parametrize("path", ["tiles/{}/tilejson.json", "api/layers/{}/download?format=geojson"])
def test_a_draft_is_no_layer_of_the_map(gis: TestClient, city: City, path: str) -> None:
    assert gis.get("/" + path.format(f"draft-{city.draft}")).status_code == 404


def test_the_standard_s_documents_tell_of_editing(gis: TestClient, items: str, city: City) -> None:
    conforms = gis.get("/ogc/conformance").json()["conformsTo"]
    part4 = {each.rpartition("/")[2] for each in conforms if "ogcapi-features-4" in each}
    assert part4 == {"create-replace-delete", "update", "features", "optimistic-locking-etags"}
    paths = gis.get("/ogc/api").json()["paths"]
    assert set(paths[items.removeprefix("/ogc")]) == {"get", "post"}
    assert set(paths[f"{items.removeprefix('/ogc')}/{{featureId}}"]) == {"get", "put", "patch", "delete"}
    assert set(paths["/collections/grids/items"]) == {"get"}
    schema = gis.get(f"/ogc/collections/draft-{city.draft}/schema").json()["properties"]
    assert schema["area_m2"]["readOnly"] is True
    assert "readOnly" not in schema["name"]


def test_what_may_be_done_is_told_before(
    gis: TestClient, client: TestClient, as_account: Clients, items: str
) -> None:
    answer = gis.options(items)
    assert (answer.status_code, answer.headers["allow"]) == (200, f"{READ}, POST")
    assert "application/geo+json" in answer.headers["accept-post"]
    answer = gis.options(f"{items}/unknown_id")  # as QGIS asks where it knows of no feature
    assert (answer.status_code, answer.headers["allow"]) == (200, f"{READ}, PUT, PATCH, DELETE")
    assert answer.headers["accept-patch"].startswith("application/merge-patch+json")
    for other in (client, as_account("planner"), as_account("token")):  # cookies change nothing here
        assert other.options(items).headers["allow"] == READ
    assert client.options("/ogc/collections/no-such-layer/items").status_code == 404


@pytest.mark.parametrize(("method", "part"), [("POST", ""), ("PUT", "/1"), ("PATCH", "/1"), ("DELETE", "/1")])
def test_published_layers_are_not_changed(
    gis: TestClient, client: TestClient, method: str, part: str
) -> None:
    for who in (gis, client):
        refused = who.request(method, f"/ogc/collections/grids/items{part}", json={})
        assert (refused.status_code, refused.headers["allow"]) == (405, READ)
        assert refused.headers["content-type"] == "application/problem+json"
    hidden = client.request(method, f"/ogc/collections/coverage-gaps/items{part}", json={})
    assert hidden.status_code == 404


def test_a_feature_is_read_replaced_patched_and_deleted(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.draft_grids['T2']}"
    known = gis.get(address)
    assert known.headers["etag"] == '"WEST:1"'
    body = known.json()
    body["geometry"] = shapely.geometry.mapping(box(6, 0, 10, 10))
    replaced = gis.put(address, json=body, headers={"If-Match": '"WEST:1"'})
    assert (replaced.status_code, replaced.headers["etag"]) == (204, '"WEST:2"'), replaced.text
    assert area_km2(gis, items, "T1") == pytest.approx(60, rel=1e-3)  # the neighbour took what T2 left
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


def test_a_replacement_takes_away_what_it_does_not_give(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.draft_grids['T3']}"
    body = feature(box(10, 0, 15, 10), name="三镇", area_m2=1, version=99)  # what follows is passed over
    assert gis.put(address, json=body, headers=ANY).status_code == 204
    now = gis.get(address).json()["properties"]
    assert (now["name"], now["code"], now["category"]) == ("三镇", None, None)
    key = f"{items}/{city.draft_grids['KEY']}"
    sent = gis.get(key).json()
    sent["properties"] = {"name": "重点"}
    assert gis.put(key, json=sent, headers=ANY).status_code == 204


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_who_names_no_version_or_an_old_one_is_refused(
    gis: TestClient, items: str, city: City, method: str
) -> None:
    address = f"{items}/{city.draft_grids['T1']}"
    body = None if method == "DELETE" else feature(box(0, 0, 4, 10), name="一镇")
    gis.patch(f"{items}/{city.draft_grids['T2']}", json={"properties": {"name": "x"}}, headers=ANY)
    for if_match, status in (
        (None, 428),
        ('"WEST:1"', 412),
        ('"0"', 412),
        ('W/"WEST:2"', 412),
        ('"EAST:1"', 412),  # of another holder
        ("nonsense", 400),
    ):
        headers = {} if if_match is None else {"If-Match": if_match}
        answer = gis.request(method, address, json=body, headers=headers)
        assert answer.status_code == status, (if_match, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        missing = gis.request(method, f"{items}/999999", json=body, headers=headers)
        assert missing.status_code == 404  # whatever it says of versions
    stale = gis.request(method, address, json=body, headers={"If-Match": '"WEST:1"'}).json()
    assert [each["by"] for each in stale["changed"]] == ["planner"]
    assert gis.get(address).headers["etag"] == '"WEST:2"'
    assert gis.request(method, address, json=body, headers={"If-Match": '"WEST:2"'}).status_code == 204


def test_a_new_feature_says_where_it_is(gis: TestClient, items: str) -> None:
    body = feature(box(15, 0, 20, 10), name="四镇", level=3, code="213009")
    assert gis.post(items, json=body).status_code == 428
    made = gis.post(items, json=body, headers={"If-Match": '"EAST:1"'})
    assert made.status_code == 201, made.text
    told = gis.get(made.headers["location"]).json()
    assert told["properties"]["parent_uid"] == "EAST"
    assert told["properties"]["code"] == "213009"
    assert made.headers["etag"] == '"EAST:2"'
    key = feature(box(11, 1, 12, 2), name="重点", kind="key", parent_uid="CITY", supervising_level=1)
    assert gis.post(items, json=key, headers=ANY).status_code == 201


def test_features_written_one_by_one_leave_no_gap_and_no_overlap(
    gis: TestClient, database: Database, items: str, city: City
) -> None:
    assert audited(database, city)
    mended(gis, items, city)
    assert audited(database, city) == []


def test_what_leaves_the_parent_is_refused_with_the_place(
    gis: TestClient, database: Database, items: str, city: City
) -> None:
    address = f"{items}/{city.draft_grids['T3']}"
    before = gis.get(items).json()["features"]
    body = feature(box(9, 0, 15, 10), name="三镇")
    refused = gis.put(address, json=body, headers=ANY)
    assert refused.status_code == 422
    problem = refused.json()
    assert "outside 东县" in problem["detail"]
    lon, lat = (float(each) for each in problem["where"].split(", "))
    assert box(9, 0, 10, 10).covers(shapely.Point(lon, lat))
    chinese = gis.put(address, json=body, headers={**ANY, "Accept-Language": "zh"}).json()
    assert "东县" in chinese["detail"]
    assert chinese["detail"] != problem["detail"]
    assert gis.get(items).json()["features"] == before
    assert gis.get(address).headers["etag"] == '"EAST:1"'


@pytest.mark.parametrize(("crs", "turned"), [(f"<{EPSG}4490>", True), (f"{EPSG}4326", True), (None, False)])
def test_axes_are_in_the_order_of_their_authority(
    gis: TestClient, items: str, city: City, crs: str | None, turned: bool
) -> None:
    address = f"{items}/{city.draft_grids['T3']}"
    headers = ANY | ({} if crs is None else {"Content-Crs": crs})
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


def test_a_county_planner_writes_in_their_county_only(
    app: FastAPI, database: Database, items: str, city: City
) -> None:
    west = program(app, token_of(database, "west", Scope.WRITE))
    name = {"properties": {"name": "x"}}
    for uid, status in (("T1", 204), ("T3", 404), ("WEST", 403)):
        answer = west.patch(f"{items}/{city.draft_grids[uid]}", json=name, headers=ANY)
        assert answer.status_code == status, uid
    east = feature(box(16, 1, 18, 2), name="x", level=3)
    assert 400 <= west.post(items, json=east, headers=ANY).status_code < 500


def test_every_change_is_in_the_history_and_can_be_undone(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.draft_grids['T1']}"
    done = gis.patch(address, json={"properties": {"name": "甲"}}, headers=ANY)
    listed = gis.get(f"/api/plans/{city.draft}/edits").json()
    assert str(listed["edits"][0]["number"]) == done.headers["x-gisgrid-edit"]
    assert gis.post(f"/api/plans/{city.draft}/edits/undo").status_code < 300
    assert gis.get(address).json()["properties"]["name"] == "一镇"
