"""What hostile or mistaken programs send to a draft: a reason in both languages, and nothing changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient

from gisgrid.accounts.tokens import Scope
from gisgrid.store.database import Database
from tests.api.ogc.drafting import ANY, EPSG, feature, program, rounded, token_of
from tests.city import City
from tests.exchange_files import box
from tests.planning.test_editing import state
from tests.squares import place

GEOJSON = "application/geo+json"


@pytest.fixture
def token(database: Database, city: City) -> str:
    """A planner's, that may write."""
    return token_of(database, "planner", Scope.WRITE)


@pytest.fixture
def gis(app: FastAPI, client: TestClient, token: str) -> TestClient:
    """A program with it."""
    return program(app, token)


@pytest.fixture
def items(city: City) -> str:
    """The address of the draft's grids."""
    return f"/ogc/collections/draft-{city.draft}/items"


def km(*places_km: tuple[float, float]) -> shapely.Geometry:
    """A polygon through places in kilometres."""
    return place(shapely.Polygon([(x * 1000, y * 1000) for x, y in places_km]))


def sent(shape: shapely.Geometry, **properties: Any) -> bytes:
    """A feature as bytes."""
    return json.dumps(feature(shape, **properties)).encode()


def raw(coordinates: str, kind: str = "Polygon") -> bytes:
    """A feature whose coordinates no library would write."""
    shape = f'{{"type": "{kind}", "coordinates": {coordinates}}}'
    return b'{"type": "Feature", "properties": {"name": "x"}, "geometry": %s}' % shape.encode()


RIGHT = box(10, 0, 15, 10)
DENSE = rounded(shapely.segmentize(RIGHT, RIGHT.length / 30_000), 8)
"""As many vertices as a body of a megabyte holds."""
OUTLINES = {
    "self-crossing": (sent(km((10, 0), (15, 10), (15, 0), (10, 10)), name="x"), 422),
    "spike": (sent(km((10, 0), (15, 0), (15, 5), (14, 5), (15, 5), (15, 10), (10, 10)), name="x"), 422),
    "swapped": (sent(shapely.transform(RIGHT, lambda xy: xy[:, ::-1]), name="x"), 422),
    "elsewhere": (sent(box(200, 200, 201, 201), name="x"), 422),
    "30,000 vertices": (sent(DENSE, name="x"), 422),
    "point": (sent(RIGHT.centroid, name="x"), 422),
    "none": (json.dumps(feature(None, name="x")).encode(), 422),
    "no coordinates": (raw("null"), 422),
    "NaN": (raw("[[[NaN, 1], [2, 2], [3, 3], [NaN, 1]]]"), 422),
    "infinite": (raw("[[[1e999, 1], [2, 2], [3, 3], [1e999, 1]]]"), 422),
    "huge": (raw(f"[[[{'9' * 400}, 1], [2, 2], [3, 3], [{'9' * 400}, 1]]]"), 422),
    "texts": (raw('[[["a", "b"], [2, 2], [3, 3], ["a", "b"]]]'), 422),
    "deep": (raw("[" * 50_000 + "]" * 50_000), 422),
    "open ring": (raw("[[[123, 41], [123.1, 41], [123.1, 41.1], [123, 41.1]]]"), 422),
    "half a character": (raw("[]", kind="\\ud800"), 422),
}
PROPERTIES: dict[str, tuple[dict[str, Any], int]] = {
    "no name": ({}, 400),
    "name of another kind": ({"name": ["x"]}, 400),
    "name of two lines": ({"name": "a\nb"}, 400),
    "name with NUL": ({"name": "a\x00b"}, 400),
    "half a character": ({"name": "\ud800"}, 400),
    "long name": ({"name": "x" * 201}, 400),
    "another uid": ({"name": "x", "uid": "T9"}, 400),
    "wrong level": ({"name": "x", "level": 9}, 400),
    "level as text": ({"name": "x", "level": "three"}, 400),
    "another kind": ({"name": "x", "kind": "key"}, 400),
    "unknown parent": ({"name": "x", "parent_uid": "?"}, 404),
    "parent that is half a character": ({"name": "x", "parent_uid": "\ud800"}, 400),
    "parent of another kind": ({"name": "x", "parent_uid": ["WEST"]}, 400),
    "unknown basis": ({"name": "x", "basis": "whim"}, 400),
    "supervising level": ({"name": "x", "supervising_level": -1}, 400),
    "partial": ({"name": "x", "is_partial": "perhaps"}, 400),
}
BODIES = {
    "empty": (b"", 422),
    "deep": (b"[" * 100_000, 422),
    "a text": (b'"Feature"', 422),
    "a list": (b"[]", 422),
    "no Unicode": (b'{"type": "\xff\xfe"}', 422),
    "another type": (b'{"type": "FeatureCollection", "features": []}', 422),
    "properties that are none": (json.dumps({**feature(RIGHT), "properties": "x"}).encode(), 422),
    "a number of 10,000 digits": (b'{"type": ' + b"9" * 10_000 + b"}", 422),
}
ALL = {
    **OUTLINES,
    **BODIES,
    **{f"property {name}": (sent(RIGHT, **given), status) for name, (given, status) in PROPERTIES.items()},
}


@pytest.mark.parametrize("what", list(ALL))
def test_a_body_that_is_no_grid_is_refused_with_a_reason(
    gis: TestClient, app: FastAPI, token: str, database: Database, items: str, city: City, what: str
) -> None:
    body, status = ALL[what]
    headers = {"Content-Type": GEOJSON, **ANY}
    address = f"{items}/{city.draft_grids['T3']}"
    with database.operating() as session:
        before = state(session, city.draft)
    answer = gis.put(address, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    chinese = program(app, token, "zh").put(address, content=body, headers=headers).json()
    assert chinese["detail"] != answer.json()["detail"]
    assert chinese["todo"] != answer.json()["todo"]
    turned = gis.put(address, content=body, headers={**headers, "Content-Crs": f"<{EPSG}4490>"})
    assert 400 <= turned.status_code < 500 or what == "swapped"
    if what != "swapped":
        with database.operating() as session:
            assert state(session, city.draft) == before
        assert gis.get(address).headers["etag"] == '"EAST:1"'


@pytest.mark.parametrize("what", [*OUTLINES, *BODIES])
def test_nothing_is_drawn_of_a_body_that_is_no_grid(gis: TestClient, items: str, what: str) -> None:
    body, status = ALL[what]
    answer = gis.post(items, content=body, headers={"Content-Type": GEOJSON, **ANY})
    assert answer.status_code in (status, 400), answer.text
    assert gis.get(items).json()["numberMatched"] == 7


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 400),
        ({"name": "x"}, 400),  # neither level nor parent
        ({"name": "x", "level": 9}, 400),
        ({"name": "x", "level": True}, 400),
        ({"name": "x", "level": 2, "parent_uid": "EAST"}, 400),
        ({"name": "x", "level": 3, "kind": "moon"}, 400),
        ({"name": "x", "level": 3, "parent_uid": "\ud800"}, 400),
        ({"name": "x", "level": 3, "parent_uid": "T9"}, 400),
        ({"name": "x", "parent_uid": "KEY"}, 400),
        ({"name": "x", "level": 3, "code": "y" * 99}, 400),
    ],
)
def test_a_new_grid_says_what_it_is(gis: TestClient, items: str, given: dict[str, Any], status: int) -> None:
    body = sent(box(16, 1, 18, 2), **given)
    answer = gis.post(items, content=body, headers={"Content-Type": GEOJSON, **ANY})
    assert answer.status_code == status, answer.text
    assert answer.json()["where"]
    assert gis.get(items).json()["numberMatched"] == 7


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (None, 400),
        ("", 400),
        ("application/xml", 415),
        ("text/plain", 415),
        ("\udcff".encode("latin1", "replace").decode(), 415),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_other_types_of_content_are_refused(
    gis: TestClient, items: str, city: City, method: str, kind: str | None, status: int
) -> None:
    address = items if method == "POST" else f"{items}/{city.draft_grids['T3']}"
    headers = ANY | ({} if kind is None else {"Content-Type": kind})
    answer = gis.request(method, address, content=sent(RIGHT, name="x"), headers=headers)
    assert answer.status_code == status
    patch = {"Content-Type": "application/merge-patch+json", **ANY}
    merged = gis.request(method, address, content=b'{"properties": {"name": "y"}}', headers=patch)
    assert merged.status_code == (204 if method == "PATCH" else 415)


def test_a_merge_patch_takes_neither_outline_nor_id_away(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.draft_grids['T3']}"
    patches: tuple[dict[str, Any], ...] = (
        {"geometry": None},
        {"id": 1},
        {"id": None},
        {"type": "Point"},
        {"properties": {"name": None}},
        {"properties": {"level": 4}},
    )
    for patch in patches:
        assert gis.patch(address, json=patch, headers=ANY).status_code in (400, 422), patch
    same = {"id": city.draft_grids["T3"], "properties": {"is_partial": None}}
    assert gis.patch(address, json=same, headers=ANY).status_code == 204
    assert gis.patch(address, json={}, headers=ANY).status_code == 204
    assert gis.get(address).headers["etag"] == '"EAST:1"'


@pytest.mark.parametrize("fid", ["999999", "x", "0", "-1", "1.5", "1" * 30, str(2**63), "%00", "１"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_feature_that_is_none_is_not_found(gis: TestClient, items: str, fid: str, method: str) -> None:
    body = None if method == "DELETE" else feature(RIGHT, name="x")
    assert gis.request(method, f"{items}/{fid}", json=body, headers=ANY).status_code == 404


def test_a_grid_of_another_plan_is_not_found_in_a_draft(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.grids['T1']}"  # the published one's
    assert gis.delete(address, headers=ANY).status_code == 404


@pytest.mark.parametrize(
    "name", ["draft-999999", "draft-0", "draft-01", "draft-x", f"draft-{10**17}", "draft-"]
)
def test_a_draft_that_is_none_is_not_found(gis: TestClient, name: str) -> None:
    for method in ("GET", "POST"):
        assert gis.request(method, f"/ogc/collections/{name}/items", json={}).status_code in (404, 405)
    assert gis.get(f"/ogc/collections/{name}").status_code == 404


def test_a_plan_in_force_is_no_draft(gis: TestClient, city: City) -> None:
    address = f"/ogc/collections/draft-{city.plan}/items"
    assert gis.get(address).status_code == 404
    assert gis.post(address, json=feature(RIGHT, name="x"), headers=ANY).status_code == 404


@pytest.mark.parametrize("crs", [f"<{EPSG}3857>", f"<{EPSG}9>", "", "nonsense"])
def test_a_reference_system_that_is_not_written_in_is_refused(
    gis: TestClient, items: str, city: City, crs: str
) -> None:
    headers = {**ANY, "Content-Crs": crs}
    body = feature(RIGHT, name="x")
    address = f"{items}/{city.draft_grids['T3']}"
    assert gis.put(address, json=body, headers=headers).status_code == 400
    assert gis.post(items, json=body, headers=headers).status_code == 400


def test_a_hundred_thousand_vertices_are_not_even_read(gis: TestClient, items: str, city: City) -> None:
    body = sent(shapely.segmentize(RIGHT, RIGHT.length / 100_000), name="x")
    for method, address in (("POST", items), ("PUT", f"{items}/{city.draft_grids['T3']}")):
        answer = gis.request(method, address, content=body, headers={"Content-Type": GEOJSON, **ANY})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
    assert gis.get(f"{items}/{city.draft_grids['T3']}").headers["etag"] == '"EAST:1"'


def test_a_parameter_that_is_none_is_refused(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.draft_grids['T3']}"
    assert gis.delete(f"{address}?land=moon", headers=ANY).status_code in (400, 422)
    assert gis.delete(f"{address}?dry=1", headers=ANY).status_code == 400


def test_markup_in_a_name_is_only_text(gis: TestClient, items: str, city: City) -> None:
    address = f"{items}/{city.draft_grids['T3']}"
    name = "<script>alert(1)</script>"
    assert gis.patch(address, json={"properties": {"name": name}}, headers=ANY).status_code == 204
    told = gis.get(address)
    assert told.json()["properties"]["name"] == name
    assert told.headers["content-type"] == GEOJSON
    assert told.headers["x-content-type-options"] == "nosniff"
    outside = gis.put(address, json=feature(box(9, 0, 15, 10), name=name), headers=ANY)
    assert (outside.status_code, outside.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("login", ["analyst", "approver"])
def test_who_only_reads_drafts_may_not_write(
    app: FastAPI, database: Database, items: str, city: City, login: str
) -> None:
    reader = program(app, token_of(database, login, Scope.WRITE))
    assert reader.get(items).status_code == 200
    assert reader.post(items, json=feature(RIGHT, name="x"), headers=ANY).status_code == 403
    assert reader.options(items).headers["allow"] == "GET, HEAD, OPTIONS"
    planner = program(app, token_of(database, "planner", Scope.READ))
    assert planner.delete(f"{items}/{city.draft_grids['T3']}", headers=ANY).status_code == 403


@pytest.mark.parametrize("login", ["officer", "department"])
def test_drafts_are_not_there_for_those_who_plan_nothing(
    app: FastAPI, database: Database, items: str, login: str
) -> None:
    other = program(app, token_of(database, login, Scope.WRITE))
    assert other.get(items).status_code == 404
    assert other.post(items, json=feature(RIGHT, name="x"), headers=ANY).status_code == 404
