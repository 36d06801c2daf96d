"""Drafts changed over HTTP: edits, previews, versions, undo, and answers to bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import KM, City
from tests.squares import place


def line(*places_km: tuple[float, float]) -> dict[str, Any]:
    """A GeoJSON line through places in kilometres."""
    drawn = place(shapely.LineString([(x * KM, y * KM) for x, y in places_km]))
    return {"type": "LineString", "coordinates": [[round(x, 9), round(y, 9)] for x, y in drawn.coords]}


SPLIT = {"operation": "split", "grids": ["T3"], "line": line((12.2, -1), (12.2, 11))}


def test_a_draft_is_begun_edited_and_taken_back(as_account: Clients, city: City) -> None:
    planner = as_account("planner")
    begun = planner.post("/api/plans", json={"base": city.plan, "title": {"zh": "新稿", "en": "New"}})
    assert begun.status_code == 201, begun.text
    draft = f"/api/plans/{begun.json()['id']}"
    grids = planner.get(f"{draft}/grids").json()["features"]
    east = next(each for each in grids if each["id"] == "EAST")
    t3 = next(each for each in grids if each["id"] == "T3")
    assert t3["properties"]["holder_etag"] == east["properties"]["etag"] == '"EAST:1"'
    assert t3["properties"]["may_edit"]
    tried = planner.post(f"{draft}/edits?preview=true", json=SPLIT)
    assert tried.status_code == 201
    assert tried.json()["number"] is None
    assert planner.get(f"{draft}/edits").json()["edits"] == []
    done = planner.post(f"{draft}/edits", json=SPLIT, headers={"If-Match": '"EAST:1"'})
    assert done.status_code == 201
    told = done.json()
    assert (told["number"], told["holders"]) == (1, {"EAST": 2})
    assert [each["id"] for each in told["changed"]] == ["T3"]
    assert len(told["added"]) == 1
    stale = planner.post(f"{draft}/edits", json=SPLIT, headers={"If-Match": '"EAST:1"'})
    assert stale.status_code == 412
    assert stale.json()["changed"][0]["number"] == 1
    assert planner.post(f"{draft}/edits/undo").json()["state"] == "undone"
    assert planner.get(f"{draft}/edits").json()["can_redo"] == 1
    assert planner.post(f"{draft}/edits/redo").json()["state"] == "applied"
    assert len(planner.get(f"{draft}/grids?holder=EAST").json()["features"]) == 2


def test_a_county_planner_begins_no_draft_of_the_city(as_account: Clients, city: City) -> None:
    answer = as_account("west").post(
        "/api/plans", json={"base": city.plan, "title": {"zh": "新稿", "en": "New"}}
    )
    assert answer.status_code == 403
    assert len(as_account("planner").get("/api/plans").json()) == 2


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({**SPLIT, "line": line((12, -1), (12, 9))}, 422, "1000.0 m short"),
        ({**SPLIT, "line": {"type": "Point", "coordinates": [1, 2]}}, 422, "LineString"),
        ({**SPLIT, "line": {"type": "LineString", "coordinates": "x"}}, 422, "understood"),
        ({**SPLIT, "line": {"type": "LineString", "coordinates": [[1e999, 0], [1, 1]]}}, 422, "understood"),
        (
            {**SPLIT, "line": {"type": "LineString", "coordinates": [[41.05, 123.1], [41.06, 123.2]]}},
            422,
            "±",
        ),
        (
            {**SPLIT, "line": {"type": "LineString", "coordinates": [[i / 1e5, 0] for i in range(20_001)]}},
            422,
            "20000 vertices",
        ),
        ({**SPLIT, "grids": ["NONE"]}, 404, "no such grid"),
        ({"operation": "merge", "grids": ["T2", "T3"]}, 422, "different parents"),
        ({"operation": "delete", "grid": "T3"}, 422, "last grid"),
        ({"operation": "explode", "grid": "T3"}, 422, ""),
        ({"operation": "attributes", "grid": "T3", "changes": {}}, 422, ""),
        ({"operation": "attributes", "grid": "T3", "changes": {"name": "a\x00b"}}, 422, ""),
        ({"operation": "attributes", "grid": "T3", "changes": {"name": " "}}, 422, ""),
        (
            {
                "operation": "carve",
                "kind": "unit",
                "holder": "T3",
                "name": "x",
                "area": {"type": "Polygon", "coordinates": [[[123.13, 41], [123.14, 41], [123.13, 41.01]]]},
            },
            422,
            "must close",
        ),
    ],
)
def test_bad_input_is_refused_with_a_reason(
    as_account: Clients, city: City, body: dict[str, Any], status: int, said: str
) -> None:
    planner = as_account("planner")
    planner.headers["Accept-Language"] = "en"
    answer = planner.post(
        f"/api/plans/{city.draft}/edits",
        content=json.dumps(body),
        headers={"If-Match": '"EAST:1"', "Content-Type": "application/json"},
    )
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert said.replace("±", "between") in problem["detail"], problem
    assert problem["todo"]
    assert planner.get(f"/api/plans/{city.draft}/edits").json()["edits"] == []


def test_a_name_with_markup_is_kept_as_it_is(as_account: Clients, city: City) -> None:
    planner = as_account("planner")
    name = '<img src=x onerror=alert(1)>"'
    body = {"operation": "attributes", "grid": "T3", "changes": {"name": name}}
    answer = planner.post(f"/api/plans/{city.draft}/edits", json=body, headers={"If-Match": '"EAST:1"'})
    assert answer.status_code == 201
    assert answer.json()["changed"][0]["properties"]["name"] == name


def test_a_published_plan_is_not_edited(as_account: Clients, city: City) -> None:
    answer = as_account("planner").post(
        f"/api/plans/{city.plan}/edits", json=SPLIT, headers={"If-Match": '"EAST:1"'}
    )
    assert answer.status_code == 409


def test_an_etag_that_is_none_is_refused(as_account: Clients, city: City) -> None:
    planner = as_account("planner")
    for given, status in (("x", 400), ("*", 428), ('"EAST:one"', 400)):
        answer = planner.post(f"/api/plans/{city.draft}/edits", json=SPLIT, headers={"If-Match": given})
        assert answer.status_code == status


def test_grids_come_exact_and_only_once_while_nothing_changes(as_account: Clients, city: City) -> None:
    planner = as_account("planner")
    first = planner.get(f"/api/plans/{city.draft}/grids?bbox=123.0,41.0,123.05,41.05")
    assert {each["id"] for each in first.json()["features"]} == {"CITY", "WEST", "T1", "KEY"}
    again = planner.get(
        f"/api/plans/{city.draft}/grids?bbox=123.0,41.0,123.05,41.05",
        headers={"If-None-Match": first.headers["etag"]},
    )
    assert again.status_code == 304
    assert planner.get(f"/api/plans/{city.draft}/grids?bbox=1,2").status_code == 422
    west = as_account("west").get(f"/api/plans/{city.draft}/grids").json()["features"]
    assert {each["id"] for each in west} == {"WEST", "T1", "T2"}
    assert {each["id"] for each in west if each["properties"]["may_edit"]} == {"T1", "T2"}


def test_a_trace_follows_the_boundaries(as_account: Clients, city: City) -> None:
    at = [place(shapely.Point(x * KM, y * KM)) for x, y in ((10, 2), (15, 8))]
    ends = {"from": f"{at[0].x:.9f},{at[0].y:.9f}", "to": f"{at[1].x:.9f},{at[1].y:.9f}"}
    answer = as_account("planner").get(f"/api/plans/{city.draft}/trace", params={**ends, "holder": "EAST"})
    assert answer.status_code == 200
    assert len(answer.json()["geometry"]["coordinates"]) == 4


def test_the_coarsest_may_be_edited_by_who_oversees_all_if_there_are_several(
    as_account: Clients, city: City, database: Database
) -> None:
    path = f"/api/plans/{city.draft}/grids?level=1"

    def may(login: str) -> dict[str, bool]:
        found = as_account(login).get(path).json()["features"]
        return {each["id"]: each["properties"]["may_edit"] for each in found if each["id"] != "KEY"}

    assert may("admin") == {"CITY": False}
    with database.operating() as session:
        session.execute(
            text("""INSERT INTO gisgrid.grid (plan_id, uid, kind, level, name, path, area_m2, geometry,
                is_overlay, is_partial, is_indicative, version)
            SELECT plan_id, 'NEXT', kind, level, 'x', ARRAY['NEXT'], area_m2,
                public.ST_Translate(geometry, 1, 0), false, false, false, 1
            FROM gisgrid.grid WHERE plan_id = :plan AND uid = 'CITY'"""),
            {"plan": city.draft},
        )
    assert may("admin") == {"CITY": True, "NEXT": True}
    assert may("planner") == {"CITY": False}
