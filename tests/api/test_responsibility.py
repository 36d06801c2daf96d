"""GET /api/responsibility, as the page sees it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
from fastapi.testclient import TestClient

from tests.api.conftest import Clients
from tests.city import point

PATH = "/api/responsibility"


def where(x_km: float, y_km: float) -> dict[str, Any]:
    place = point(x_km, y_km)
    return {"lon": place.x, "lat": place.y}


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["detail"]
    assert found["todo"]
    return found


def test_the_answer_is_as_the_contract_says(client: TestClient) -> None:
    found = client.get(PATH, params={**where(0.5, 5), "topic": "straw_burning"}).json()
    assert set(found) == {
        "lon",
        "lat",
        "on",
        "plan",
        "inside",
        "overlap",
        "chain",
        "key_units",
        "nearest_key_unit",
        "topic",
        "departments",
        "transfer",
        "departments_missing_lead",
        "boundary",
        "nearest",
        "gap",
        "hotline",
    }
    assert found["inside"] is True
    assert found["plan"] == {
        "id": found["plan"]["id"],
        "title": {"zh": "2015 版", "en": "2015"},
        "state": "published",
    }
    assert found["topic"] == {"code": "straw_burning", "name": {"zh": "秸秆焚烧", "en": "Straw burning"}}
    assert found["hotline"] == "12345"
    assert found["chain"][0] == {
        "uid": "T1",
        "code": "213003",
        "name": "一镇",
        "level": 3,
        "level_name": {"zh": "三级网格", "en": "Level 3 (Township)"},
        "category": "镇",
        "indicative": False,
        "body": "一镇人民政府",
        "first_responsible": {
            "title": "镇长",
            "vacant": False,
            "person": "张三",
            "duty_phone": "0427-000 0001",
            "verified_on": "2026-11-02",
        },
        "staff": [
            {
                "title": "监管员",
                "vacant": False,
                "person": "王五",
                "duty_phone": "0427-000 0002",
                "verified_on": "2026-11-02",
            },
            {
                "title": "监管员",
                "vacant": False,
                "person": None,
                "duty_phone": None,
                "verified_on": "2026-11-02",
            },
        ],
        "staff_count": 2,
        "duty_phone": "0427-000 0001",
        "verified_on": "2026-11-02",
        "owner": None,
        "also_claimed_by": [],
    }
    assert found["departments"][0] == {
        "code": "T1",
        "name": {"zh": "一镇人民政府", "en": "一镇人民政府"},
        "role": "lead",
        "holder": "grid",
        "grid_uid": "T1",
        "basis": None,
    }
    assert found["transfer"] == {
        "name": {"zh": "保护区", "en": "保护区"},
        "to": {"code": "reserve", "name": {"zh": "辽河保护", "en": "Reserve"}},
        "instead_of": [{"code": "agriculture", "name": {"zh": "农业", "en": "Agriculture"}}],
        "basis": "示例",
    }


def test_near_a_boundary_the_neighbour_stands_beside(client: TestClient) -> None:
    boundary = client.get(PATH, params=where(10.04, 5)).json()["boundary"]
    assert boundary["near"] is True
    assert boundary["direction"] == "W"
    assert boundary["neighbour"] == {
        "uid": "T2",
        "name": "二镇",
        "parent_name": "西县",
        "duty_phone": "0427-000 0003",
    }


def test_an_overlap_has_no_direction(client: TestClient) -> None:
    found = client.get(PATH, params=where(4.9, 5)).json()
    assert found["overlap"] is True
    assert found["chain"][0]["also_claimed_by"] == [{"uid": "T2", "name": "二镇"}]
    assert found["boundary"]["distance_m"] == 0
    assert found["boundary"]["direction"] is None
    assert found["key_units"][0]["owner"] == {"uid": "CITY", "name": "示例市"}


def test_outside_is_an_answer_and_not_an_error(client: TestClient) -> None:
    answer = client.get(PATH, params={**where(-0.3, 5), "topic": "straw_burning"})
    found = answer.json()
    assert answer.status_code == 200
    assert (found["inside"], found["chain"], found["departments"]) == (False, [], [])
    assert found["gap"] == {"kind": "outside", "level": None}
    assert found["nearest"]["uid"] == "T1"
    assert found["nearest"]["duty_phone"] == "0427-000 0001"
    assert found["departments_missing_lead"] is True


def test_a_visitor_learns_no_private_name_and_an_account_does(
    client: TestClient, as_account: Clients
) -> None:
    for login, name in ((None, None), ("officer", "李四"), ("token", "李四")):
        asking = client if login is None else as_account(login)
        county = asking.get(PATH, params=where(2, 5)).json()["chain"][1]
        assert county["first_responsible"]["person"] == name
    assert "李四" not in client.get(PATH, params=where(2, 5)).text


def test_answers_are_not_kept(client: TestClient) -> None:
    assert client.get(PATH, params=where(2, 5)).headers["cache-control"] == "no-store"


BAD_QUESTIONS: list[tuple[dict[str, str], int, str]] = [
    ({}, 400, "missing"),
    ({"lon": "123"}, 400, "missing"),
    ({"lon": "east", "lat": "41"}, 400, "number"),
    ({"lon": "nan", "lat": "41"}, 400, "finite"),
    ({"lon": "inf", "lat": "41"}, 400, "finite"),
    ({"lon": "1e400", "lat": "41"}, 400, "finite"),
    ({"lon": "181", "lat": "41"}, 400, "out of range"),
    ({"lon": "116.4", "lat": "-91"}, 400, "out of range"),
    ({"lon": "41.05", "lat": "123.02"}, 422, "changed places"),
    ({"lon": "123.02", "lat": "41.05", "on": "tomorrow"}, 400, "date"),
    ({"lon": "123.02", "lat": "41.05", "on": "2015-12-29"}, 400, "no plan yet"),
    ({"lon": "123.02", "lat": "41.05", "on": "9999-12-31"}, 400, "more than a year ahead"),
    ({"lon": "123.02", "lat": "41.05", "on": "2026-02-30"}, 400, ""),
    ({"lon": "123.02", "lat": "41.05", "topic": "nonsense"}, 400, "no such topic"),
    ({"lon": "123.02", "lat": "41.05", "topic": "a\x00b"}, 400, "no such topic"),
    ({"lon": "123.02", "lat": "41.05", "topic": "x" * 65}, 400, "64"),
]


def test_a_bad_question_is_told_why(client: TestClient) -> None:
    for query, status, says in BAD_QUESTIONS:
        answer = client.get(PATH, params=query, headers={"Accept-Language": "en"})
        assert answer.status_code == status, query
        assert says in problem(answer)["detail"], query


def test_a_bad_question_is_answered_in_chinese_first(client: TestClient) -> None:
    answer = client.get(PATH, params={"lon": "41.05", "lat": "123.02"})
    found = problem(answer)
    assert "经纬度" in found["detail"]
    assert "lon=123.02" in found["todo"]


def test_an_empty_topic_is_none(client: TestClient) -> None:
    assert client.get(PATH, params={**where(2, 5), "topic": ""}).json()["topic"] is None


def test_a_day_ahead_within_a_year_is_answered(client: TestClient) -> None:
    soon = (date.today() + timedelta(days=300)).isoformat()
    assert client.get(PATH, params={**where(2, 5), "on": soon}).json()["on"] == soon
