"""Suggestions for a draft of Panjin, taken through the routes that the page uses; and bad requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient

from api.app import create_app
from api.credentials import COOKIE, csrf_token
from api.routes import suggestions
from gisgrid.accounts.demo import demo_accounts
from gisgrid.planning import suggesting
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from gisgrid.store.server import Server
from tests.api.conftest import Clients
from tests.city import City
from tests.conftest import panjin_database

DRAFT = "/api/plans/2"
OWNERS = {
    "PJ-211122103": "a stack of 15 sources on one spot",
    "PJ-211102100": "many sources",
    "PJ-211103013": "lies apart from the rest of its county",
    "PJ-211104109": "6 sources",
    "PJ-LDW-P1": "a park beyond the outline of its county",
    "PJ-211104114": "reaches into another county's town",
}


@pytest.fixture(scope="module")
def planner(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The planner of Panjin; the tests of this file change nothing."""
    folder = tmp_path_factory.mktemp("suggestions")
    with panjin_database(server) as database:
        passwords = {each.login: each.password for each in demo_accounts(database, folder / "accounts.json")}
        with TestClient(create_app(Settings(data_dir=folder), database)) as client:
            body = {"login": "planner", "password": passwords["planner"]}
            assert client.post("/api/session", json=body).status_code == 200
            client.headers["X-CSRF-Token"] = csrf_token(client.cookies[COOKIE])
            yield client


def asked(planner: TestClient, owner: str, number: int, **more: Any) -> dict[str, Any]:
    """What is suggested."""
    answer = planner.get(f"{DRAFT}/suggestions/units", params={"owner": owner, "number": number, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def grid(planner: TestClient, uid: str) -> dict[str, Any]:
    """A grid of the draft."""
    answer = planner.get(f"{DRAFT}/grids", params={"bbox": "119,39,125,43"})
    return next(each for each in answer.json()["features"] if each["id"] == uid)


def shapes(suggestion: dict[str, Any]) -> np.ndarray:
    """The outlines of its units."""
    return np.array([shapely.geometry.shape(each["area"]) for each in suggestion["units"]], dtype=object)


@pytest.mark.parametrize("number", [3, 8])
@pytest.mark.parametrize("owner", OWNERS, ids=list(OWNERS.values()))
def test_every_suggestion_tiles_its_owner_and_can_be_taken(
    planner: TestClient, owner: str, number: int
) -> None:
    land = shapely.geometry.shape(grid(planner, owner)["geometry"])
    told = asked(planner, owner, number)
    assert told["suggestions"]
    for each in told["suggestions"]:
        units = shapes(each)
        assert len(units) == number
        assert shapely.coverage_is_valid(units)
        assert shapely.symmetric_difference(shapely.union_all(units), land).area < 1e-13
        assert len(shapely.get_parts(units)) <= number + len(shapely.get_parts(land)) - 1
        body = {
            "operation": "adopt",
            "owner": owner,
            "units": [{"name": unit["name"], "area": unit["area"]} for unit in each["units"]],
        }
        taken = planner.post(f"{DRAFT}/edits?preview=true", json=body)
        assert taken.status_code == 201, taken.text
        edit = taken.json()
        assert len(edit["added"]) == number
        assert len(edit["findings"]["after"]) <= len(edit["findings"]["before"])
        loads = {load["name"]: load for load in edit["workload"]}
        for unit in each["units"]:
            assert loads[unit["name"]]["weighted"] == unit["weighted"]
            assert loads[unit["name"]]["sources"] == unit["sources"]


def test_measures_are_those_of_the_units(planner: TestClient) -> None:
    told = asked(planner, "PJ-211102100", 5)
    assert len(told["suggestions"]) > 1
    for each in told["suggestions"]:
        weighted = np.array([unit["weighted"] for unit in each["units"]])
        assert each["deviation"] == pytest.approx(np.abs(weighted / weighted.mean() - 1).max())
        metric = shapely.transform(
            shapes(each), lambda lonlat: (lonlat - [122, 41]) * [111_320 * np.cos(np.radians(41.15)), 111_060]
        )
        score = 4 * np.pi * shapely.area(metric) / shapely.length(metric) ** 2
        assert each["compactness"] == pytest.approx(score.mean(), rel=0.01)
        assert each["compactness_min"] == pytest.approx(score.min(), rel=0.01)
        assert each["officers"] == sum(unit["officers"] for unit in each["units"])
        assert min(unit["officers"] for unit in each["units"]) >= 2
    deviations = [each["deviation"] for each in told["suggestions"]]
    assert deviations == sorted(deviations)
    for worse in told["suggestions"]:
        assert not any(
            all(
                (
                    better["deviation"] <= worse["deviation"],
                    better["compactness"] >= worse["compactness"],
                    better["compactness_min"] >= worse["compactness_min"],
                )
            )
            for better in told["suggestions"]
            if better is not worse
        )


def test_the_same_seed_gives_the_same_plans_and_another_others(planner: TestClient) -> None:
    first = asked(planner, "PJ-211102100", 4)
    assert asked(planner, "PJ-211102100", 4) == first
    assert asked(planner, "PJ-211102100", 4, seed=1)["suggestions"] != first["suggestions"]


def test_a_county_with_few_townships_is_cut_and_one_with_many_is_put_together(planner: TestClient) -> None:
    cut = asked(planner, "PJ-211102", 4)
    assert cut["cells"] > 100
    whole = asked(planner, "PJ-211103", 2)
    assert any("12 grids below it" in each["en"] for each in whole["notes"]), whole["notes"]
    towns = [
        shapely.geometry.shape(each["geometry"])
        for each in planner.get(f"{DRAFT}/grids", params={"holder": "PJ-211103"}).json()["features"]
    ]
    for each in whole["suggestions"]:
        for town in towns:
            parts = shapely.area(shapely.intersection(shapes(each), town)) / town.area
            assert parts.max() > 0.85 or parts.sum() < 0.85  # overlaps and mis-nested land aside


def test_a_stack_that_cannot_be_cut_is_told_of(planner: TestClient) -> None:
    told = asked(planner, "PJ-211122103", 4)
    note = next(each["en"] for each in told["notes"] if "cannot be cut" in each["en"])
    least = float(note.split("less than ")[1].split("\u2009")[0]) / 100
    assert told["suggestions"][0]["deviation"] >= least - 0.005


def test_key_areas_are_ranked_with_their_reason_and_can_be_carved(planner: TestClient) -> None:
    answer = planner.get(f"{DRAFT}/suggestions/key-areas", headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    areas = answer.json()["areas"]
    assert 5 <= len(areas) <= 20
    assert [each["rank"] for each in areas] == list(range(1, len(areas) + 1))
    scores = [each["score"] for each in areas]
    assert scores == sorted(scores, reverse=True)
    assert any("stacked" in each["en"] for each in answer.json()["notes"])
    outlines = np.array([shapely.geometry.shape(each["area"]) for each in areas], dtype=object)
    assert shapely.is_valid(outlines).all()
    assert shapely.area(shapely.union_all(outlines)) == pytest.approx(shapely.area(outlines).sum())
    for each in areas:
        assert f"{each['sources']} sources" in each["reason"]["en"]
        assert re.search(r"\d\u2009m away; \d+ receptors? within|no receptor within", each["reason"]["en"])
        assert f"污染源 {each['sources']} 个" in each["reason"]["zh"]
        body = {
            "operation": "carve",
            "kind": "key",
            "holder": "PJ",
            "name": f"重点{each['rank']}",
            "area": each["area"],
            "basis": "key_area",
            "supervising_level": 1,
        }
        taken = planner.post(f"{DRAFT}/edits?preview=true", json=body)
        assert taken.status_code == 201, taken.text
        (load,) = [load for load in taken.json()["workload"] if load["name"] == body["name"]]
        assert load["sources"] >= each["sources"]


def test_key_areas_keep_off_the_key_grids_that_exist(planner: TestClient) -> None:
    found = planner.get(f"{DRAFT}/grids", params={"bbox": "119,39,125,43"}).json()["features"]
    keys = [each["geometry"] for each in found if each["properties"]["kind"] == "key"]
    assert len(keys) == 3
    areas = planner.get(f"{DRAFT}/suggestions/key-areas").json()["areas"]
    for key in map(shapely.geometry.shape, keys):
        for each in areas:
            assert shapely.intersection(key, shapely.geometry.shape(each["area"])).area < 1e-12


def test_key_areas_of_a_county_lie_in_it(planner: TestClient) -> None:
    county = shapely.geometry.shape(grid(planner, "PJ-211103")["geometry"])
    areas = planner.get(f"{DRAFT}/suggestions/key-areas", params={"within": "PJ-211103"}).json()["areas"]
    assert areas
    for each in areas:
        assert shapely.difference(shapely.geometry.shape(each["area"]), county).area < 1e-13


def test_the_search_ends_in_time(planner: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "LIMIT_S", 0.0)
    told = asked(planner, "PJ-211102100", 4)
    assert 1 <= len(told["suggestions"]) <= 2
    assert all(shapely.coverage_is_valid(shapes(each)) for each in told["suggestions"])


def test_who_asks_while_another_is_answered_is_told_to_wait(
    planner: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "WAIT_S", 0.05)
    with suggestions._working:
        answer = planner.get(f"{DRAFT}/suggestions/units", params={"owner": "PJ-211102100", "number": 4})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("owner=T3", 400),
        ("owner=T3&number=1", 400),
        ("owner=T3&number=61", 400),
        ("owner=T3&number=1e9", 400),
        ("owner=T3&number=4&seed=-1", 400),
        ("owner=T3&number=4&seed=99999999999999999999", 400),
        ("owner=&number=4", 400),
        (f"owner={'x' * 65}&number=4", 400),
        ("owner=NONE&number=4", 404),
        ("owner=%00&number=4", 400),
        ("owner=KEY&number=4", 422),
    ],
)
def test_bad_requests_are_refused_with_a_reason(
    as_account: Clients, city: City, query: str, status: int
) -> None:
    planner = as_account("planner")
    for lang in ("zh", "en"):
        planner.headers["Accept-Language"] = lang
        answer = planner.get(f"/api/plans/{city.draft}/suggestions/units?{query}")
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
        assert answer.json()["todo"]


def test_too_detailed_a_boundary_is_refused(
    as_account: Clients, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggesting, "MOST_VERTICES", 4)
    answer = as_account("planner").get(f"/api/plans/{city.draft}/suggestions/units?owner=T3&number=4")
    assert answer.status_code == 422
    assert "顶点" in answer.json()["detail"]


def test_nothing_is_suggested_for_a_published_plan(as_account: Clients, city: City) -> None:
    planner = as_account("planner")
    for query in ("units?owner=T3&number=4", "key-areas"):
        assert planner.get(f"/api/plans/{city.plan}/suggestions/{query}").status_code == 409


def test_a_county_planner_gets_suggestions_at_home_only(as_account: Clients, city: City) -> None:
    west = as_account("west")
    assert west.get(f"/api/plans/{city.draft}/suggestions/units?owner=T1&number=3").status_code == 200
    for query in ("units?owner=T3&number=3", "units?owner=CITY&number=3", "key-areas?within=EAST"):
        assert west.get(f"/api/plans/{city.draft}/suggestions/{query}").status_code == 404


def test_without_sources_area_is_shared_out(as_account: Clients, city: City, database: Database) -> None:
    with database.operating() as session:
        session.connection().exec_driver_sql("DELETE FROM gisgrid.source")
    told = as_account("planner").get(f"/api/plans/{city.draft}/suggestions/units?owner=T3&number=4").json()
    assert "按面积" in told["notes"][0]["zh"]
    for each in told["suggestions"]:
        area = np.array([unit["area_m2"] for unit in each["units"]])
        assert each["deviation"] == pytest.approx(np.abs(area / area.mean() - 1).max())
    assert told["suggestions"][0]["deviation"] < 0.05
    assert as_account("planner").get(f"/api/plans/{city.draft}/suggestions/key-areas").json()["areas"] == []
