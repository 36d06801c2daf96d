"""Drafts put away and taken up again over HTTP, and who edited them last."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import TOKENS, City

RENAME = {"operation": "attributes", "grid": "T1", "changes": {"name": "新名"}}


@pytest.fixture
def draft(database: Database, city: City) -> str:
    """The address of the draft, audited."""
    with database.operating() as session:
        recompute_plan(session, city.draft)
    return f"/api/plans/{city.draft}"


def listed(client: TestClient, address: str = "/api/plans") -> dict[int, dict[str, Any]]:
    """The plans by id, as they are listed."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()}


def test_a_discarded_draft_leaves_the_lists_and_is_shown_on_demand(
    as_account: Clients, draft: str, city: City
) -> None:
    planner = as_account("planner")
    assert listed(planner)[city.draft]["may_discard"] is True
    assert listed(planner)[city.draft]["may_withdraw"] is False
    done = planner.post(f"{draft}/discard", json={"note": "误建"})
    assert done.status_code == 200, done.text
    told = done.json()
    assert (told["state"], told["may_discard"], told["may_restore"]) == ("discarded", False, True)
    assert listed(planner).keys() == {city.plan}
    for who in ("admin", "approver", "analyst"):
        shown = listed(as_account(who), "/api/plans?discarded=true")
        assert shown[city.draft]["state"] == "discarded"
    for client in (as_account("officer"), as_account("department")):
        assert listed(client, "/api/plans?discarded=true").keys() == {city.plan}
    (decision,) = planner.get(f"{draft}/decisions").json()
    assert (decision["action"], decision["by"], decision["note"]) == ("discard", "planner", "误建")


def test_visitors_never_see_what_was_discarded(
    as_account: Clients, client: TestClient, draft: str, city: City
) -> None:
    as_account("admin").post(f"{draft}/discard", json={"note": "误建"})
    shown = listed(client, "/api/plans?discarded=true")
    assert shown.keys() == {city.plan}
    assert (shown[city.plan]["edited"], shown[city.plan]["may_discard"]) == (None, False)
    assert client.get(f"/tiles/grids.json?plan={city.draft}").status_code == 404


def test_nothing_of_a_discarded_draft_is_lost(as_account: Clients, draft: str, city: City) -> None:
    planner = as_account("planner")
    made = planner.post(f"{draft}/edits", json=RENAME, headers={"If-Match": '"WEST:1"'})
    assert made.status_code == 201, made.text
    before = listed(planner)[city.draft]
    assert planner.post(f"{draft}/discard", json={"note": "误建"}).status_code == 200
    assert planner.get(f"{draft}/edits").json()["edits"][0]["by"] == "planner"
    back = planner.post(f"{draft}/restore", json={"note": "还要用"})
    assert back.status_code == 200, back.text
    after = listed(planner)[city.draft]
    assert (after["state"], after["grids"], after["findings"]) == (
        "draft",
        before["grids"],
        before["findings"],
    )
    names = {each["properties"]["name"]: each for each in planner.get(f"{draft}/grids").json()["features"]}
    assert "新名" in names
    assert planner.post(f"{draft}/edits/undo").status_code == 200
    actions = [each["action"] for each in planner.get(f"{draft}/decisions").json()]
    assert actions == ["discard", "restore"]


def test_what_is_discarded_is_neither_edited_submitted_filed_nor_remarked_on(
    as_account: Clients, draft: str
) -> None:
    planner, admin = as_account("planner"), as_account("admin")
    planner.post(f"{draft}/discard", json={"note": "误建"})
    edit = planner.post(f"{draft}/edits", json=RENAME, headers={"If-Match": '"WEST:1"'})
    assert edit.status_code == 409
    assert "弃用" in edit.json()["detail"]
    assert planner.post(f"{draft}/submit", json={}).status_code == 409
    assert planner.post(f"{draft}/discard", json={"note": "再弃"}).status_code == 409
    assert admin.post(f"{draft}/publish", json={"valid_from": "2027-01-01"}).status_code == 409
    assert admin.post(f"{draft}/filings/T3/file", json={}).status_code == 409
    remark = {"lon": 123.02, "lat": 41.04, "text": "x"}
    assert planner.post(f"{draft}/comments", json=remark).status_code == 403


def test_a_reason_must_be_written(as_account: Clients, draft: str) -> None:
    planner = as_account("planner")
    for body in ({}, {"note": ""}, {"note": " \n"}, {"note": None}, {"note": "x" * 2_001}):
        assert planner.post(f"{draft}/discard", json=body).status_code == 422, body


def test_a_county_planner_discards_nothing_of_the_whole_city(
    as_account: Clients, draft: str, city: City
) -> None:
    west = as_account("west")
    assert listed(west)[city.draft]["may_discard"] is False
    assert west.post(f"{draft}/discard", json={"note": "误建"}).status_code == 403
    as_account("planner").post(f"{draft}/discard", json={"note": "误建"})
    assert west.post(f"{draft}/restore", json={}).status_code == 403
    assert listed(west, "/api/plans?discarded=true")[city.draft]["may_restore"] is False


def test_what_is_in_review_or_was_published_is_not_discarded(
    as_account: Clients, draft: str, city: City
) -> None:
    admin = as_account("admin")
    assert admin.post(f"/api/plans/{city.plan}/discard", json={"note": "x"}).status_code == 409
    checks = admin.get(f"{draft}/checks").json()["checks"]
    reasons = {each["key"]: "以后处理" for each in checks if each["blocks"]}
    assert admin.post(f"{draft}/submit", json={"reasons": reasons}).status_code == 200
    assert listed(admin)[city.draft]["may_withdraw"] is True
    assert listed(as_account("approver"))[city.draft]["may_withdraw"] is False
    assert admin.post(f"{draft}/discard", json={"note": "x"}).status_code == 409
    assert admin.post(f"{draft}/withdraw", json={}).status_code == 200
    assert admin.post(f"{draft}/discard", json={"note": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("who", "statements"),
    [
        ("planner", ["UPDATE gisgrid.plan SET state = 'discarded' WHERE id = :draft"]),
        ("planner", ["INSERT INTO gisgrid.decision (plan_id, action) VALUES (:draft, 'discard')"]),
        ("planner", ["INSERT INTO gisgrid.decision (plan_id, action, note) VALUES (:draft, 'discard', 'x')"]),
        ("west", ["INSERT INTO gisgrid.decision (plan_id, action, note) VALUES (:draft, 'discard', 'x')"]),
        (
            "approver",
            ["INSERT INTO gisgrid.decision (plan_id, action, note) VALUES (:draft, 'discard', 'x')"],
        ),
        (
            "admin",
            [
                "INSERT INTO gisgrid.decision (plan_id, action, note) VALUES (:plan, 'discard', 'x')",
                "UPDATE gisgrid.plan SET state = 'discarded' WHERE id = :plan",
            ],
        ),
    ],
    ids=["undecided", "without why", "not carried out", "a county's", "an approver's", "published"],
)
def test_the_database_itself_refuses(database: Database, city: City, who: str, statements: list[str]) -> None:
    ids = {"draft": city.draft, "plan": city.plan}
    script = "; ".join(statements)
    for name, plan in ids.items():
        script = script.replace(f":{name}", str(plan))
    with pytest.raises(DBAPIError), database.bearer(TOKENS[who]) as session:
        session.connection().exec_driver_sql(script)
    with database.operating() as session:
        states = session.execute(text("SELECT DISTINCT state FROM gisgrid.plan")).scalars().all()
    assert set(states) == {"draft", "published"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gisgrid.plan SET title_zh = 'x' WHERE id = :draft",
        "UPDATE gisgrid.plan SET state = 'draft' WHERE id = :draft",
        "DELETE FROM gisgrid.plan WHERE id = :draft",
        "UPDATE gisgrid.grid SET name = 'x' WHERE plan_id = :draft",
    ],
)
def test_what_was_discarded_stays_as_it_was_put_away(
    as_account: Clients, database: Database, draft: str, city: City, statement: str
) -> None:
    as_account("planner").post(f"{draft}/discard", json={"note": "误建"})
    with pytest.raises(DBAPIError), database.bearer(TOKENS["admin"]) as session:
        session.execute(text(statement), {"draft": city.draft})


def test_sources_follow_the_draft_that_is_left_where_none_is_in_force(
    as_account: Clients, database: Database, city: City
) -> None:
    with database.operating() as session:
        # Now the former plan is one draft and the city's the other, older one.
        for trigger in ("DISABLE", "ENABLE"):
            session.execute(text(f"ALTER TABLE gisgrid.plan {trigger} TRIGGER keep_published"))
            session.execute(
                text("UPDATE gisgrid.plan SET state = 'draft', checksum = NULL WHERE id = :id"),
                {"id": city.plan},
            )
        session.execute(
            text("UPDATE gisgrid.grid SET name = 'x', uid = 'T9', path = '{CITY,WEST,T9}' WHERE id = :id"),
            {"id": city.draft_grids["T1"]},
        )
    done = as_account("planner").post(f"/api/plans/{city.plan}/discard", json={"note": "误建"})
    assert done.status_code == 200, done.text
    where = text("SELECT grid_path FROM gisgrid.source WHERE uid = 'S1'")
    with database.operating() as session:
        assert session.execute(where).scalar_one() == ["CITY", "WEST", "T9"]
    assert as_account("planner").post(f"/api/plans/{city.plan}/restore", json={}).status_code == 200
    with database.operating() as session:
        assert session.execute(where).scalar_one() == ["CITY", "WEST", "T1"]


def test_the_list_says_who_edited_a_draft_last_and_when(as_account: Clients, draft: str, city: City) -> None:
    planner, west = as_account("planner"), as_account("west")
    before = listed(planner)[city.draft]
    assert before["edited"] is None
    assert west.post(f"{draft}/edits", json=RENAME, headers={"If-Match": '"WEST:1"'}).status_code == 201
    first = listed(planner)[city.draft]
    assert first["edited"]["by"] == "west"
    assert first["updated_at"] == first["edited"]["at"] > before["updated_at"]
    again = RENAME | {"changes": {"name": "又改"}}
    assert planner.post(f"{draft}/edits", json=again, headers={"If-Match": '"WEST:2"'}).status_code == 201
    second = listed(west)[city.draft]
    assert second["edited"]["by"] == "planner"
    assert second["updated_at"] > first["updated_at"]


def test_a_step_in_a_plans_course_is_a_change_of_it(as_account: Clients, draft: str, city: City) -> None:
    planner = as_account("planner")
    before = listed(planner)[city.draft]["updated_at"]
    told = planner.post(f"{draft}/discard", json={"note": "误建"}).json()
    assert told["updated_at"] > before
    assert told["edited"] is None
