"""GET /api/coverage and /api/workload: figures for those who log in."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import Clients
from tests.city import City


@pytest.mark.parametrize("path", ["/api/coverage", "/api/workload", "/api/surroundings?source=1"])
def test_a_visitor_is_asked_to_log_in(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_published_plan_is_summed_up(as_account: Clients) -> None:
    found = as_account("analyst").get("/api/coverage").json()
    assert found["findings"] == [
        {"kind": "overlap", "size_class": "real", "count": 1, "area_m2": 2e6},
        {"kind": "gap", "size_class": "real", "count": 1, "area_m2": 5e7},
    ]
    assert (found["uncovered_sources"], found["vacant_posts"]) == (2, 1)
    assert (found["gap_area_m2"], found["overlap_area_m2"]) == (5e7, 2e6)
    assert [each["level"] for each in found["by_level"]] == [1, 2, 3]


def test_a_draft_is_for_those_who_may_see_it(as_account: Clients, city: City) -> None:
    path = f"/api/coverage?plan={city.draft}"
    assert as_account("planner").get(path).json()["findings"] == []
    assert as_account("officer").get(path).status_code == 404
    assert as_account("planner").get("/api/coverage?plan=99999").status_code == 404
    assert as_account("planner").get("/api/coverage?plan=-1").status_code == 400


def test_a_jurisdiction_bounds_what_is_summed(as_account: Clients) -> None:
    found = as_account("west").get("/api/coverage").json()
    assert [each["kind"] for each in found["findings"]] == ["overlap"]
    assert [each["uid"] for each in as_account("west").get("/api/workload?level=2").json()] == ["WEST"]


def test_loads_come_with_weights_and_officers(as_account: Clients) -> None:
    east, west = as_account("analyst").get("/api/workload").json()
    assert east == {
        "uid": "EAST",
        "name": "东县",
        "level": 2,
        "sources": 2,
        "a": 1,
        "b": 0,
        "c": 1,
        "undetermined": 0,
        "weighted": 5,
        "officers": 0,
        "weighted_per_officer": None,
    }
    assert (west["officers"], west["weighted_per_officer"]) == (2, 3.0)


def test_a_level_that_no_plan_has_is_empty_and_a_bad_one_refused(as_account: Clients) -> None:
    analyst = as_account("analyst")
    assert analyst.get("/api/workload?level=9").json() == []
    for level in ("0", "-1", "two", "1e9", "99999999999999999999"):
        assert analyst.get(f"/api/workload?level={level}").status_code == 400
