"""Filing upward over HTTP: a county files, the city answers, and what cannot be is refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import City


@pytest.fixture
def filings(city: City) -> str:
    """The address of the draft's filings."""
    return f"/api/plans/{city.draft}/filings"


def test_a_county_files_and_the_city_returns_and_accepts(as_account: Clients, filings: str) -> None:
    west, planner, approver = as_account("west"), as_account("planner"), as_account("approver")
    due = planner.put(
        f"{filings}/deadline", json={"deadline": "2020-01-01", "grids": ["WEST", "EAST"]}
    ).json()
    assert due["counts"]["overdue"] == 2
    filed = west.post(f"{filings}/WEST/file", json={"note": "附会议纪要"})
    assert filed.status_code == 200, filed.text
    assert (filed.json()["state"], filed.json()["filed_by"]) == ("filed", "west")
    told = planner.get(filings).json()
    assert told["counts"] == {
        "total": 5,
        "filed": 1,
        "accepted": 0,
        "returned": 0,
        "not_filed": 4,
        "overdue": 1,
    }
    assert told["filings"][0]["grid"] == {"uid": "EAST", "name": "东县"}
    assert told["filings"][0]["overdue_days"] > 2_000
    back = approver.post(f"{filings}/WEST/return", json={"note": "<script>alert(1)</script>\n请补"})
    assert back.json()["note"] == "<script>alert(1)</script>\n请补"
    assert back.json()["overdue_days"] > 2_000  # what was returned is late again
    assert west.post(f"{filings}/WEST/file", json={}).json()["state"] == "filed"
    assert approver.post(f"{filings}/WEST/accept", json={}).json()["answered_by"] == "approver"


def test_a_step_out_of_turn_is_a_conflict(as_account: Clients, filings: str) -> None:
    west, planner = as_account("west"), as_account("planner")
    assert planner.post(f"{filings}/WEST/accept", json={}).status_code == 409
    assert west.post(f"{filings}/WEST/file", json={}).status_code == 200
    twice = west.post(f"{filings}/WEST/file", json={}, headers={"Accept-Language": "en"})
    assert twice.status_code == 409
    assert twice.json()["detail"] == "It is filed already, and has not changed since."
    assert twice.json()["todo"]
    assert west.post(f"{filings}/WEST/file", json={}).json()["detail"].startswith("已经报过备案")
    assert planner.post(f"{filings}/WEST/accept", json={}).status_code == 200
    assert planner.post(f"{filings}/WEST/return", json={"note": "x"}).status_code == 409


def test_beyond_the_jurisdiction_there_is_nothing_and_upward_nothing_is_answered(
    as_account: Clients, filings: str, city: City
) -> None:
    west = as_account("west")
    for plan in (city.draft, city.plan):
        address = f"/api/plans/{plan}/filings"
        assert {each["grid"]["uid"] for each in west.get(address).json()["filings"]} == {"WEST", "T1", "T2"}
        assert west.post(f"{address}/EAST/file", json={}).status_code == 404
        assert west.post(f"{address}/T3/accept", json={}).status_code == 404
    west.post(f"{filings}/WEST/file", json={})
    assert west.post(f"{filings}/WEST/accept", json={}).status_code == 403
    due = {"deadline": "2027-01-01", "grids": ["WEST"]}
    assert west.put(f"{filings}/deadline", json=due).status_code == 403
    assert west.put(f"{filings}/deadline", json={**due, "grids": ["T1", "T3"]}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"note": ""},
        {"note": " \n "},
        {"note": "x\x00"},
        {"note": "x" * 2_001},
        {"note": 7},
        {"note": "x", "state": "accepted"},
        {},
        [],
    ],
    ids=["empty", "blank", "nul", "long", "number", "more", "none", "list"],
)
def test_a_return_without_a_proper_note_is_refused(as_account: Clients, filings: str, body: Any) -> None:
    as_account("west").post(f"{filings}/WEST/file", json={})
    refused = as_account("planner").post(f"{filings}/WEST/return", json=body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        {"deadline": "2027-02-30", "grids": ["T1"]},
        {"deadline": "1999-01-01", "grids": ["T1"]},
        {"deadline": "99999-01-01", "grids": ["T1"]},
        {"deadline": "2027-01-01", "grids": []},
        {"deadline": "2027-01-01", "grids": ["x" * 65]},
        {"deadline": "2027-01-01", "grids": ["T1"] * 5_001},
        {"deadline": "2027-01-01"},
        {"grids": ["T1"]},
    ],
)
def test_a_deadline_that_is_none_is_refused(as_account: Clients, filings: str, body: Any) -> None:
    assert as_account("planner").put(f"{filings}/deadline", json=body).status_code == 422


@pytest.mark.parametrize("grid", ["NOWHERE", "CITY", "KEY", "%00", "T1%00", "..%2F", "%F0%9F%92%A5"])
def test_a_grid_that_does_not_file_is_not_there(as_account: Clients, filings: str, grid: str) -> None:
    answer = as_account("admin").post(f"{filings}/{grid}/file", json={})
    assert answer.status_code == 404, answer.text


def test_who_filed_and_answered_stays_in_the_trail(
    as_account: Clients, filings: str, database: Database
) -> None:
    as_account("west").post(f"{filings}/WEST/file", json={})
    as_account("planner").post(f"{filings}/WEST/return", json={"note": "一"})
    as_account("west").post(f"{filings}/WEST/file", json={"note": "二"})
    with database.operating() as session:
        actors = session.execute(
            text("SELECT actor, before ->> 'note' FROM gisgrid.trail WHERE table_name = 'filing' ORDER BY id")
        ).all()
    assert [tuple(each) for each in actors][-2:] == [("planner", None), ("west", "一")]
