"""GET /api/search."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.api.conftest import Clients
from tests.city import City


def test_a_grid_comes_with_its_place(client: TestClient, city: City) -> None:
    (hit,) = client.get("/api/search", params={"q": "一镇"}).json()
    assert (hit["kind"], hit["id"], hit["uid"], hit["name"]) == ("grid", str(city.grids["T1"]), "T1", "一镇")
    assert hit["detail"]["zh"] == "三级网格 · 西县"
    assert len(hit["bounds"]) == 4


def test_receptors_are_found_by_accounts_only(client: TestClient, as_account: Clients) -> None:
    assert client.get("/api/search", params={"q": "小学"}).json() == []
    assert [each["kind"] for each in as_account("analyst").get("/api/search?q=小学").json()] == ["receptor"]


def test_no_more_come_than_asked_for(client: TestClient) -> None:
    assert len(client.get("/api/search", params={"q": "镇", "limit": 2}).json()) == 2


def test_a_bad_search_is_told_why(client: TestClient) -> None:
    bad: list[dict[str, Any]] = [
        {},
        {"q": "镇", "limit": 0},
        {"q": "镇", "limit": -1},
        {"q": "镇", "limit": 51},
        {"q": "x" * 81},
    ]
    for query in bad:
        answer = client.get("/api/search", params=query)
        assert answer.status_code == 400, query
        assert answer.json()["where"].startswith("query."), query


def test_hostile_words_find_nothing(client: TestClient) -> None:
    for words in ("%", "_", "\\", "\x00", "' OR 1=1 --", "镇%", "\uffff", "💥", "%ff"):
        answer = client.get("/api/search", params={"q": words})
        assert (answer.status_code, answer.json()) == (200, []), words
