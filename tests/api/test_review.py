"""The course of a draft over HTTP: checks, reasons, four eyes, publication; and remarks."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import City, point


@pytest.fixture
def draft(database: Database, city: City) -> str:
    """The address of the draft, audited."""
    with database.operating() as session:
        recompute_plan(session, city.draft)
    return f"/api/plans/{city.draft}"


def reasons(planner: TestClient, draft: str) -> dict[str, str]:
    """A reason for each check that blocks."""
    checks = planner.get(f"{draft}/checks").json()["checks"]
    return {each["key"]: "以后处理" for each in checks if each["blocks"]}


def test_checks_name_what_stands_against_a_draft(as_account: Clients, draft: str) -> None:
    told = as_account("planner").get(f"{draft}/checks").json()
    kinds = {each["kind"] for each in told["checks"]}
    assert {"gap", "overlap", "vacant", "no_letter", "uncovered"} <= kinds
    assert told["blocking"] == sum(each["blocks"] for each in told["checks"])
    vacant = {each["grid"]["uid"] for each in told["checks"] if each["kind"] == "vacant"}
    assert vacant == {"T2", "T3", "EAST"}
    west = as_account("west").get(f"{draft}/checks").json()["checks"]
    assert {each["grid"]["uid"] for each in west if each["kind"] == "vacant"} == {"T2"}


def test_what_blocks_is_mended_or_explained(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    refused = planner.post(f"{draft}/submit", json={})
    assert refused.status_code == 409
    assert set(refused.json()["keys"]) == set(reasons(planner, draft))
    assert planner.get(f"{draft}/decisions").json() == []
    done = planner.post(f"{draft}/submit", json={"reasons": reasons(planner, draft), "note": "请审"})
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "in_review"
    assert planner.get(f"{draft}/checks").json()["blocking"] == 0


def test_a_draft_goes_back_and_forth_and_is_published(
    as_account: Clients, draft: str, city: City, database: Database
) -> None:
    planner, approver = as_account("planner"), as_account("approver")
    given: dict[str, Any] = {"reasons": reasons(planner, draft)}
    assert planner.post(f"{draft}/submit", json=given).status_code == 200
    rename = {"operation": "attributes", "grid": "T1", "changes": {"name": "x"}}
    assert planner.post(f"{draft}/edits", json=rename, headers={"If-Match": '"WEST:1"'}).status_code == 409
    assert planner.post(f"{draft}/publish", json={"valid_from": "2027-01-01"}).status_code == 403
    assert approver.post(f"{draft}/return", json={}).status_code == 422
    back = approver.post(f"{draft}/return", json={"note": "请补名称"})
    assert back.json()["state"] == "draft"
    assert planner.post(f"{draft}/submit", json=given).status_code == 200
    wrong = approver.post(f"{draft}/publish", json={"valid_from": "2015-01-01"})
    assert wrong.status_code == 400
    done = approver.post(
        f"{draft}/publish", json={"valid_from": "2027-01-01", "approval_number": "辽S(2027)1"}
    )
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["approval_number"]) == ("published", "辽S(2027)1")
    actions = [each["action"] for each in planner.get(f"{draft}/decisions").json()]
    assert actions == ["submit", "return", "submit", "approve", "publish"]
    with database.operating() as session:
        states = session.execute(text("SELECT id, state FROM gisgrid.plan ORDER BY id")).all()
        assert dict(tuple(row) for row in states) == {city.draft: "published", city.plan: "superseded"}
        path = session.execute(text("SELECT grid_path FROM gisgrid.source WHERE uid = 'S1'")).scalar_one()
        assert path == ["CITY", "WEST", "T1"]


def test_sources_that_change_hands_are_under_the_new_plan_once_it_is_published(
    as_account: Clients, draft: str, city: City, database: Database
) -> None:
    planner, approver = as_account("planner"), as_account("approver")
    merge = {"operation": "merge", "grids": ["T1", "T2"], "into": "T2"}
    done = planner.post(f"{draft}/edits", json=merge, headers={"If-Match": '"WEST:1"'})
    assert done.status_code == 201, done.text
    given: dict[str, Any] = {"reasons": reasons(planner, draft)}
    assert planner.post(f"{draft}/submit", json=given).status_code == 200
    done = approver.post(f"{draft}/publish", json={"valid_from": "2027-01-01"})
    assert done.status_code == 200, done.text
    with database.operating() as session:
        paths = session.execute(
            text(
                "SELECT grid_path FROM gisgrid.source WHERE uid = 'S1'"
                " UNION ALL SELECT grid_path FROM gisgrid.receptor WHERE uid = 'R1'"
            )
        ).scalars()
        assert list(paths) == [["CITY", "WEST", "T2"]] * 2


def test_what_was_published_meanwhile_is_not_taken_back_unsaid(as_account: Clients, city: City) -> None:
    planner, approver = as_account("planner"), as_account("approver")
    drafts = []
    for title in ("甲稿", "乙稿"):
        begun = planner.post("/api/plans", json={"base": city.plan, "title": {"zh": title, "en": title}})
        drafts.append(f"/api/plans/{begun.json()['id']}")
        given = {"reasons": reasons(planner, drafts[-1])}
        if title == "甲稿":
            rename = {"operation": "attributes", "grid": "T1", "changes": {"name": "新镇"}}
            headers = {"If-Match": '"WEST:1"'}
            assert planner.post(f"{drafts[-1]}/edits", json=rename, headers=headers).status_code == 201
        assert planner.post(f"{drafts[-1]}/submit", json=given).status_code == 200
    first, second = drafts
    assert approver.post(f"{first}/publish", json={"valid_from": "2027-01-01"}).status_code == 200
    publication = {"valid_from": "2028-01-01"}
    refused = approver.post(f"{second}/publish", json=publication)
    assert refused.status_code == 409
    (key,) = refused.json()["keys"]
    assert key.startswith("former_base:")
    assert "1 个网格" in refused.json()["where"]
    assert approver.post(f"{second}/return", json={"note": "请在现行方案上修订"}).status_code == 200
    assert reasons(planner, second).keys() >= {key}
    assert planner.post(f"{second}/submit", json={}).json()["keys"] == [key]
    assert planner.post(f"{second}/submit", json={"reasons": {key: "新名称未获批准"}}).status_code == 200
    assert approver.post(f"{second}/publish", json=publication).status_code == 200


def test_a_plan_that_shall_hold_before_today_needs_a_note(as_account: Clients, draft: str) -> None:
    planner, approver = as_account("planner"), as_account("approver")
    assert planner.post(f"{draft}/submit", json={"reasons": reasons(planner, draft)}).status_code == 200
    early = {"valid_from": "2020-01-01"}
    refused = approver.post(f"{draft}/publish", json=early)
    assert refused.status_code == 400
    assert "2020-01-01" in refused.json()["detail"]
    done = approver.post(f"{draft}/publish", json={**early, "note": "按市政府 2020 年的批复追溯生效"})
    assert done.status_code == 200, done.text


def test_grids_of_one_code_stand_against_a_draft(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    for version, uid in enumerate(("T1", "T2"), 1):
        same = {"operation": "attributes", "grid": uid, "changes": {"code": "211122103"}}
        headers = {"If-Match": f'"WEST:{version}"'}
        assert planner.post(f"{draft}/edits", json=same, headers=headers).status_code == 201
    checks = planner.get(f"{draft}/checks").json()["checks"]
    told = [each for each in checks if each["kind"] == "same_code"]
    assert {each["grid"]["uid"] for each in told} == {"T1", "T2"}
    assert all(each["blocks"] for each in told)


def test_a_remark_is_about_a_grid_that_its_author_sees(as_account: Clients, draft: str) -> None:
    remark = {"lon": 123.03, "lat": 41.04, "text": "这里有争议"}
    west = as_account("west")
    answers = {
        uid: west.post(f"{draft}/comments", json={**remark, "grid": uid}) for uid in ("T1", "T3", "NOPE")
    }
    assert {uid: answer.status_code for uid, answer in answers.items()} == {"T1": 201, "T3": 404, "NOPE": 404}
    assert len(west.get(f"{draft}/comments").json()) == 1


def test_nobody_approves_what_he_submitted(as_account: Clients, draft: str, database: Database) -> None:
    planner = as_account("planner")
    assert planner.post(f"{draft}/submit", json={"reasons": reasons(planner, draft)}).status_code == 200
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.account SET role = 'approver' WHERE login = 'planner'"))
    refused = planner.post(f"{draft}/publish", json={"valid_from": "2027-01-01"})
    assert refused.status_code == 403


def test_a_county_planner_does_not_submit_the_city(as_account: Clients, draft: str) -> None:
    planner, west = as_account("planner"), as_account("west")
    refused = west.post(f"{draft}/submit", json={"reasons": reasons(planner, draft)})
    assert refused.status_code in (403, 409)
    assert planner.get(f"{draft}/decisions").json() == []


def test_remarks_are_made_and_settled(as_account: Clients, draft: str) -> None:
    place = point(2, 5)
    body = {"lon": place.x, "lat": place.y, "text": "<b>边界</b>应沿河", "grid": "T1"}
    made = as_account("analyst").post(f"{draft}/comments", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["grid"] == {"uid": "T1", "name": "一镇"}
    assert made.json()["by"] == "analyst"
    west = as_account("west")
    (seen,) = west.get(f"{draft}/comments").json()
    assert seen["text"] == body["text"]
    settled = west.post(f"{draft}/comments/{seen['id']}/resolve").json()
    assert settled["resolved_by"] == "west"
    assert west.post(f"{draft}/comments/999999/resolve").status_code == 404
    for bad in ({**body, "lon": 200}, {**body, "text": " "}, {**body, "text": "x" * 2_001}):
        assert west.post(f"{draft}/comments", json=bad).status_code == 422
