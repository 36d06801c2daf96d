"""GET /api/site and /api/topics."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import update

from api.app import create_app
from gisgrid.model import Plan, Topic
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from tests.city import City


@pytest.fixture
def empty_site(settings: Settings, database: Database) -> Iterator[TestClient]:
    """A site over a database in which nothing is published."""
    with TestClient(create_app(settings, database)) as client:
        yield client


def test_the_site_tells_its_city_plan_and_levels(client: TestClient, city: City) -> None:
    site = client.get("/api/site").json()
    assert site["city"] == {"zh": "示例市", "en": "Example City"}
    assert site["plan"] == {
        "id": city.plan,
        "title": {"zh": "2015 版", "en": "2015"},
        "state": "published",
        "valid_from": "2015-12-30",
        "valid_to": None,
        "approval_number": None,
    }
    assert [(each["level"], each["count"]) for each in site["levels"]] == [(1, 1), (2, 2), (3, 3)]
    assert site["bounds"][:2] == [123.0, 41.0]
    assert (site["hotline"], site["verified_on"], site["metric_crs"]) == ("12345", "2026-11-02", "EPSG:4550")
    assert site["basemap"] is None


def test_a_site_before_its_first_plan_says_so(empty_site: TestClient) -> None:
    site = empty_site.get("/api/site").json()
    assert site["plan"] is None
    assert site["levels"] == []
    assert len(site["bounds"]) == 4
    answer = empty_site.get("/api/responsibility?lon=123&lat=41", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "No plan" in answer.json()["detail"]


def test_the_key_of_the_base_map_is_told_to_nobody(
    database: Database, city: City, settings: Settings
) -> None:
    keyed = settings.model_copy(update={"tianditu_key": SecretStr("very-secret")})
    with TestClient(create_app(keyed, database)) as client:
        answer = client.get("/api/site")
    assert answer.json()["basemap"] == {
        "tiles": ["/basemap/{z}/{x}/{y}"],
        "attribution": "© 天地图",
        "labels": ["/basemap/labels/{z}/{x}/{y}"],
    }
    assert "very-secret" not in answer.text


def test_topics_come_in_their_order(client: TestClient) -> None:
    topics = client.get("/api/topics").json()
    assert topics == [
        {"code": "straw_burning", "name": {"zh": "秸秆焚烧", "en": "Straw burning"}, "keywords": []},
        {"code": "site_noise", "name": {"zh": "施工噪声", "en": "Site noise"}, "keywords": []},
    ]


@pytest.mark.parametrize("path", ["/api/site", "/api/topics"])
def test_what_has_not_changed_is_not_sent_again(client: TestClient, database: Database, path: str) -> None:
    etag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    with database.operating() as session:
        session.execute(update(Plan).where(Plan.state == "draft").values(title_zh="新稿"))
        session.execute(update(Topic).values(position=Topic.position + 1))
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_scripts_are_compressed_for_who_takes_that(client: TestClient) -> None:
    page = client.get("/").text
    script = re.findall(r'src="(/assets/[^"]+\.js)"', page)[0]
    plain = client.get(script, headers={"Accept-Encoding": "identity"})
    small = client.get(script, headers={"Accept-Encoding": "gzip, br"})
    refused = client.get(script, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert "immutable" in small.headers["cache-control"]
    assert small.content == plain.content == refused.content
    assert int(small.headers["content-length"]) < len(plain.content) / 2
