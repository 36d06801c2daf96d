"""Repairs of a draft over HTTP: noise and slivers proposed, shown before and after, mended at once."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapely.geometry import shape as geometry_of
from sqlalchemy import update

from gisgrid.model import Grid
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import KM, City, shape
from tests.squares import box

FINE = 0.00005
"""5 cm, in kilometres."""


@pytest.fixture
def draft(database: Database, city: City) -> str:
    """T1 and T2 overlap by 5 cm, T3 stays 5 cm from the county's line: noise. T3 ends 2 m early: a sliver."""
    squares = {
        "T2": (5 - FINE, 0, 10, 10),
        "T3": (10 + FINE, 0, 14.998, 10),
    }
    with database.operating() as session:
        for uid, corners in squares.items():
            west, south, east, north = (each * KM for each in corners)
            session.execute(
                update(Grid)
                .where(Grid.id == city.draft_grids[uid])
                .values(geometry=shape(box(west, south, east, north)))
            )
        session.execute(
            update(Grid)
            .where(Grid.id == city.draft_grids["EAST"])
            .values(geometry=shape(box(10 * KM, 0, 15 * KM, 10 * KM)))
        )
        recompute_plan(session, city.draft)
    return f"/api/plans/{city.draft}"


def proposed(client: TestClient, draft: str) -> list[dict[str, Any]]:
    """The repairs that are proposed."""
    answer = client.get(f"{draft}/repairs")
    assert answer.status_code == 200, answer.text
    repairs: list[dict[str, Any]] = answer.json()["repairs"]
    return repairs


def small(repairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are mended at once."""
    return [each for each in repairs if each["size_class"] in ("noise", "sliver")]


def mend(client: TestClient, draft: str, **wanted: Any) -> dict[str, Any]:
    """Repair, the last writer winning as far as anybody else goes."""
    body = {"operation": "repair", **wanted}
    tried = client.post(f"{draft}/edits?preview=true", json=body)
    assert tried.status_code == 201, tried.text
    versions = ", ".join(f'"{uid}:{version}"' for uid, version in tried.json()["holders"].items())
    done = client.post(f"{draft}/edits", json=body, headers={"If-Match": versions})
    assert done.status_code == 201, done.text
    answer: dict[str, Any] = done.json()
    return answer


def test_noise_is_proposed_before_and_after_by_whom_it_concerns(as_account: Clients, draft: str) -> None:
    noise = [each for each in proposed(as_account("planner"), draft) if each["size_class"] == "noise"]
    assert {each["kind"] for each in noise} == {"overlap", "gap"}
    for each in noise:
        assert each["finding"] is None
        assert each["key"].startswith(each["kind"])
        assert each["width_m"] == pytest.approx(0.05, rel=0.02)
        assert each["action"] == "give"
        before = {one["id"]: geometry_of(one["geometry"]) for one in each["before"]}
        after = {one["id"]: geometry_of(one["geometry"]) for one in each["after"]}
        assert before.keys() == after.keys()
        assert any(before[uid].area != after[uid].area for uid in before)


def test_one_is_mended_and_the_others_stay(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    overlap = next(each for each in proposed(planner, draft) if each["key"] and each["kind"] == "overlap")
    mend(planner, draft, noise=[overlap["key"]])
    left = small(proposed(planner, draft))
    assert [each["kind"] for each in left if each["key"]] == ["gap"]
    assert [each["size_class"] for each in left if not each["key"]] == ["sliver"]
    again = planner.post(
        f"{draft}/edits?preview=true", json={"operation": "repair", "noise": [overlap["key"]]}
    )
    assert again.status_code == 409


def test_some_noise_and_a_finding_are_mended_together(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    repairs = small(proposed(planner, draft))
    keys = [each["key"] for each in repairs if each["key"]]
    findings = [each["finding"] for each in repairs if each["finding"]]
    mend(planner, draft, noise=keys[:1], findings=findings)
    assert len(small(proposed(planner, draft))) == len(keys) - 1


def test_all_noise_and_slivers_are_one_edit_that_can_be_taken_back(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    before = proposed(planner, draft)
    done = mend(planner, draft, classes=["noise", "sliver"])
    assert f"{len(small(before))} 处" in done["summary"]["zh"]
    assert small(proposed(planner, draft)) == []
    assert len(planner.get(f"{draft}/edits").json()["edits"]) == 1
    assert planner.post(f"{draft}/edits/undo").status_code == 200
    assert [each["key"] for each in proposed(planner, draft)] == [each["key"] for each in before]


def test_a_county_mends_all_of_its_own_and_nothing_of_its_neighbours(as_account: Clients, draft: str) -> None:
    west, planner = as_account("west"), as_account("planner")
    assert {each["kind"] for each in small(proposed(west, draft))} == {"overlap"}
    mend(west, draft, classes=["noise", "sliver"])
    assert small(proposed(west, draft)) == []
    assert {each["kind"] for each in small(proposed(planner, draft))} == {"gap"}


def test_the_smallest_are_told_first_and_how_many_are_left(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    every = proposed(planner, draft)
    findings = [each for each in every if each["finding"] is not None]
    noise = [each for each in every if each["key"] is not None]
    assert min(len(findings), len(noise)) > 1
    some = planner.get(f"{draft}/repairs", params={"limit": 1}).json()
    assert [(each["finding"], each["key"]) for each in some["repairs"]] == [
        (each["finding"], each["key"])
        for each in sorted([findings[0], noise[0]], key=lambda each: each["area_m2"])
    ]
    assert some["left"] == len(every) - 2
    for limit in ("0", "1001", "x"):
        assert planner.get(f"{draft}/repairs", params={"limit": limit}).status_code == 400


def test_a_repair_of_nothing_is_refused(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    for wanted, status in (
        ({}, 422),
        ({"noise": []}, 422),
        ({"noise": ["\x00"]}, 422),
        ({"noise": ["gap:3:NOWHERE:"]}, 409),
        ({"classes": ["huge"]}, 422),
    ):
        answer = planner.post(f"{draft}/edits?preview=true", json={"operation": "repair", **wanted})
        assert answer.status_code == status, (wanted, answer.text)
