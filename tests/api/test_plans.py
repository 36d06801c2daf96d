"""GET /api/plans: what each may see."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import Clients
from tests.city import City


def test_a_visitor_sees_published_plans(client: TestClient, city: City) -> None:
    (plan,) = client.get("/api/plans").json()
    assert (plan["id"], plan["state"], plan["grids"]) == (city.plan, "published", {"1": 1, "2": 2, "3": 3})
    assert plan["findings"] == {}
    assert plan["created_at"] is None


@pytest.mark.parametrize(
    ("login", "count"), [("planner", 2), ("analyst", 2), ("officer", 1), ("department", 1)]
)
def test_drafts_are_for_those_who_work_on_them(as_account: Clients, login: str, count: int) -> None:
    assert len(as_account(login).get("/api/plans").json()) == count


def test_findings_are_counted_by_kind(as_account: Clients) -> None:
    published = as_account("planner").get("/api/plans").json()[0]
    assert published["findings"] == {"gap": 1, "overlap": 1}
    assert published["base"] is None
    assert published["updated_at"]
