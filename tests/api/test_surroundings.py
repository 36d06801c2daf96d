"""GET /api/surroundings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Clients
from tests.city import City, point

PATH = "/api/surroundings"


def test_receptors_around_a_source(as_account: Clients, city: City) -> None:
    found = as_account("analyst").get(PATH, params={"source": city.sources["S1"], "radius_m": 500}).json()
    assert found["center"]["name"] == "示例S1厂"
    assert found["center"]["estimate"] is True
    assert (found["radius_m"], found["count"]) == (500, 1)
    (school,) = found["receptors"]
    assert (school["name"], school["kind"], school["direction"]) == ("示例小学", "学校", "E")
    assert school["distance_m"] == pytest.approx(300, rel=1e-3)
    assert found["by_kind"] == [{"kind": "学校", "count": 1, "nearest_m": school["distance_m"]}]


def test_receptors_around_a_point(as_account: Clients) -> None:
    place = point(2.3, 6)
    query = {"lon": place.x, "lat": place.y, "radius_m": 2000}
    found = as_account("analyst").get(PATH, params=query).json()
    assert found["center"]["name"] is None
    assert [each["direction"] for each in found["receptors"]] == ["S"]


def test_a_source_of_another_jurisdiction_is_unknown(as_account: Clients, city: City) -> None:
    assert as_account("west").get(PATH, params={"source": city.sources["S3"]}).status_code == 404
    assert as_account("analyst").get(PATH, params={"source": 10**12}).status_code == 404


BAD_QUESTIONS: list[dict[str, Any]] = [
    {},
    {"lon": "123"},
    {"lon": "123", "lat": "95"},
    {"lon": "nan", "lat": "41"},
    {"source": "1", "lon": "123", "lat": "41"},
    {"source": "abc"},
    {"source": "0"},
    {"source": str(2**63)},
    {"source": "1", "radius_m": "0"},
    {"source": "1", "radius_m": "20001"},
    {"source": "1", "radius_m": "-5"},
    {"source": "1", "radius_m": "nan"},
    {"source": "1", "radius_m": "wide"},
]


def test_a_bad_question_is_told_why(as_account: Clients) -> None:
    analyst = as_account("analyst")
    for query in BAD_QUESTIONS:
        answer = analyst.get(PATH, params=query)
        assert answer.status_code == 400, query
        assert answer.json()["where"], query
