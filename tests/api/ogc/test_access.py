"""Who sees what under /ogc: rows by jurisdiction, columns by the layer's list, internal layers by a token."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.credentials import COOKIE
from gisgrid.layer import Audience
from gisgrid.store.access import RULES
from layers import all_layers
from tests.api.ogc.conftest import Accounts
from tests.city import TOKENS

INTERNAL = [layer.id for layer in all_layers().values() if layer.audience is Audience.INTERNAL]
PUBLIC = [layer.id for layer in all_layers().values() if layer.audience is Audience.PUBLIC]
GAPS = "/ogc/collections/coverage-gaps/items"
OVERLAPS = "/ogc/collections/overlaps/items"


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_there_are_layers_of_both_kinds() -> None:
    assert INTERNAL
    assert PUBLIC


@pytest.mark.parametrize("layer", INTERNAL)
@pytest.mark.parametrize("path", ["", "/items", "/items/1", "/queryables", "/sortables", "/schema"])
def test_an_internal_layer_is_not_there_for_a_visitor(visitor: TestClient, layer: str, path: str) -> None:
    refused = visitor.get(f"/ogc/collections/{layer}{path}")
    unknown = visitor.get(f"/ogc/collections/no-such-layer{path}")
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert _without_id(refused.json()) == _without_id(unknown.json())


def _without_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


def test_a_visitor_s_lists_name_public_layers_only(visitor: TestClient) -> None:
    listed = {each["id"] for each in visitor.get("/ogc/collections").json()["collections"]}
    assert listed == set(PUBLIC)
    described = str(visitor.get("/ogc/api").json())
    assert not [layer for layer in INTERNAL if f"/collections/{layer}" in described]


def test_a_token_opens_internal_layers_as_bearer_and_as_password(visitor: TestClient) -> None:
    token = TOKENS["token"]
    for headers in ({"Authorization": f"Bearer {token}"}, _basic("anybody", token), _basic("", token)):
        answer = visitor.get(GAPS, headers=headers)
        assert answer.status_code == 200
        assert answer.json()["numberMatched"] == 1
        assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer gg_wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer " + TOKENS["admin"]},  # a session's token is for browsers
        {"Authorization": "Digest x"},
        {"Authorization": "Basic !!!"},
        _basic("admin", "wrong"),
    ],
    ids=lambda headers: headers["Authorization"][:16],
)
def test_a_wrong_token_is_refused_and_says_how_to_come_in(
    visitor: TestClient, headers: dict[str, str]
) -> None:
    for path in (GAPS, "/ogc/collections/no-such-layer/items", "/ogc/collections/grids/items"):
        answer = visitor.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_rows_of_another_jurisdiction_are_not_there(read_app: FastAPI) -> None:
    west = TestClient(read_app, cookies={COOKIE: TOKENS["west"]})
    planner = TestClient(read_app, cookies={COOKIE: TOKENS["planner"]})
    assert planner.get(GAPS).json()["numberMatched"] == 1
    assert west.get(GAPS).json() | {"links": []} == west.get(GAPS).json() | {"links": []}
    assert west.get(GAPS).json()["numberMatched"] == 0  # the gap lies in the east
    assert west.get(OVERLAPS).json()["numberMatched"] == 1
    gap = planner.get(GAPS).json()["features"][0]["id"]
    assert planner.get(f"{GAPS}/{gap}").status_code == 200
    assert west.get(f"{GAPS}/{gap}").status_code == 404
    internal = "/ogc/collections/sources-internal/items"
    seen = {each["properties"]["uid"] for each in west.get(internal).json()["features"]}
    assert seen == {"S1", "S2"}
    # No filter, box or order brings back what the policies hide.
    for query in ({"filter": "TRUE"}, {"filter": "uid = 'S3' OR uid = 'S1'"}, {"bbox": "-180,-90,180,90"}):
        found = {each["properties"]["uid"] for each in west.get(internal, params=query).json()["features"]}
        assert found <= {"S1", "S2"}


def test_an_etag_of_one_jurisdiction_is_none_of_another(read_app: FastAPI) -> None:
    west = TestClient(read_app, cookies={COOKIE: TOKENS["west"]})
    planner = TestClient(read_app, cookies={COOKIE: TOKENS["planner"]})
    known = {"If-None-Match": planner.get(GAPS).headers["etag"]}
    assert planner.get(GAPS, headers=known).status_code == 304
    assert west.get(GAPS, headers=known).status_code == 200


def test_alternating_askers_on_one_pool_see_their_own_rows(read_app: FastAPI, visitor: TestClient) -> None:
    west = TestClient(read_app, cookies={COOKIE: TOKENS["west"]})
    planner = TestClient(read_app, cookies={COOKIE: TOKENS["planner"]})
    for _ in range(8):
        assert planner.get(GAPS).json()["numberMatched"] == 1
        assert visitor.get(GAPS).status_code == 404
        assert west.get(GAPS).json()["numberMatched"] == 0


def test_public_answers_hold_the_listed_columns_and_no_others(visitor: TestClient, bearer: Accounts) -> None:
    secret = {column for rule in RULES.values() for column in rule.hidden} | {"raw_x", "raw_y", "grid_path"}
    for layer in PUBLIC:
        allowed = {column.name for column in all_layers()[layer].columns}
        assert not allowed & secret
        for client in (visitor, bearer("token")):
            page = client.get(f"/ogc/collections/{layer}/items?limit=1000").json()
            for feature in page["features"]:
                assert set(feature) == {"type", "id", "geometry", "properties"}
                assert set(feature["properties"]) == allowed
            if page["features"]:
                one = client.get(f"/ogc/collections/{layer}/items/{page['features'][0]['id']}").json()
                assert set(one["properties"]) == allowed


def test_names_of_people_who_did_not_agree_are_in_no_public_answer(
    visitor: TestClient, bearer: Accounts
) -> None:
    for client in (visitor, bearer("token")):
        for layer in PUBLIC:
            assert "李四" not in client.get(f"/ogc/collections/{layer}/items").text


def test_public_layers_are_read_as_the_public_whoever_asks(visitor: TestClient, bearer: Accounts) -> None:
    path = "/ogc/collections/sources/items"
    assert visitor.get(path).content == bearer("token").get(path).content
