"""OGC API Features, part 1: what a strict client expects, and what a careless one gets."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.ogc.drafts import LAYER
from gisgrid.store.database import Database
from layers import all_layers
from tests.api.conftest import Clients
from tests.city import City

SOURCES = "/ogc/collections/sources/items"


def _uids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["uid"] for feature in answer.json()["features"]]


def test_the_landing_page_leads_everywhere(visitor: TestClient) -> None:
    page = visitor.get("/ogc").json()
    assert visitor.get("/ogc/").json() == page
    for link in page["links"]:
        answer = visitor.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == link["type"]


def test_a_page_of_features_says_how_many_there_are_and_where_the_next_is(visitor: TestClient) -> None:
    seen: list[str] = []
    address: str | None = f"{SOURCES}?limit=2&sortby=-uid"
    while address is not None:
        answer = visitor.get(address)
        seen += _uids(answer)
        page = answer.json()
        assert answer.headers["content-type"] == "application/geo+json"
        assert page["numberMatched"] == 5
        assert page["numberReturned"] == len(page["features"]) <= 2
        links = {link["rel"]: link["href"] for link in page["links"]}
        assert {"self", "collection"} <= set(links)
        assert ("prev" in links) == (len(seen) > 2)
        address = links.get("next")
    assert seen == ["S5", "S4", "S3", "S2", "S1"]


def test_one_feature_is_found_by_its_id(client: TestClient, city: City) -> None:
    answer = client.get(f"{SOURCES}/{city.sources['S1']}")
    assert answer.status_code == 200
    feature = answer.json()
    assert (feature["id"], feature["properties"]["uid"]) == (city.sources["S1"], "S1")
    assert {"self", "collection"} <= {link["rel"] for link in feature["links"]}


@pytest.mark.parametrize("fid", ["0", "-1", "x", "99999999", "9" * 18, "9" * 40, "1.5", "１", "%00"])
def test_an_unknown_feature_is_404(visitor: TestClient, fid: str) -> None:
    assert visitor.get(f"{SOURCES}/{fid}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/ogc/collections/nothing", "/ogc/collections/nothing/items", "/ogc/nothing"]
)
def test_an_unknown_collection_is_404(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=10001",
        "limit=ten",
        "limit=",
        "limit=1&limit=2",
        "limit=1e2",
        "offset=-1",
        "offset=99999999999",
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=a,b,c,d",
        "bbox=NaN,0,1,1",
        "bbox=0,0,Infinity,1",
        "bbox=0,2,1,1",
        "bbox=0,0,1,1&bbox-crs=EPSG:9999",
        "crs=http://www.opengis.net/def/crs/EPSG/0/2000",
        "unknown=1",
        "datetime=yesterday",
        "datetime=2020-13-01",
        "datetime=2021-01-01/2020-01-01",
        "datetime=../..",
        "datetime=2020-01-01/2020-01-02/2020-01-03",
        "sortby=nothing",
        "sortby=",
        "sortby=--uid",
        "sortby=" + ",".join(["uid"] * 9),
        "properties=nothing",
        "properties=",
        "properties=raw_x",
        "raw_x=0",
        "id=x",
        "id=9999999999999999999999",
        "name=%00",
        "plan=0",
        "plan=x",
        "f=html",
        "filter-lang=sql",
        "filter=",
    ],
)
def test_a_parameter_that_cannot_be_used_is_400_with_a_reason(visitor: TestClient, query: str) -> None:
    answer = visitor.get(f"{SOURCES}?{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"]
    assert problem["todo"]


@pytest.mark.parametrize(
    ("bbox", "uids"),
    [
        ("-1e300,-1e300,1e300,1e300", ["S1", "S2", "S3", "S4", "S5"]),
        ("-180,-90,180,90", ["S1", "S2", "S3", "S4", "S5"]),
        ("-180,-90,-5000,180,90,9000", ["S1", "S2", "S3", "S4", "S5"]),
        ("170,-90,-170,90", []),  # across the antimeridian, where nothing is
        ("100,-90,-170,90", ["S1", "S2", "S3", "S4", "S5"]),
        ("400,0,500,10", []),
    ],
)
def test_a_box_may_be_huge_or_cross_the_antimeridian(visitor: TestClient, bbox: str, uids: list[str]) -> None:
    assert _uids(visitor.get(f"{SOURCES}?bbox={bbox}")) == uids


def test_a_box_finds_what_meets_it_and_no_more(visitor: TestClient) -> None:
    features = visitor.get(SOURCES).json()["features"]
    x, y = features[1]["geometry"]["coordinates"]
    near = f"{x - 0.001},{y - 0.001},{x + 0.001},{y + 0.001}"
    assert _uids(visitor.get(SOURCES, params={"bbox": near})) == ["S2"]


def test_fields_choose_sort_and_filter(visitor: TestClient) -> None:
    answer = visitor.get(f"{SOURCES}?source_class=C&properties=uid,name&sortby=-uid")
    assert _uids(answer) == ["S4", "S1"]
    assert all(set(each["properties"]) == {"uid", "name"} for each in answer.json()["features"])
    assert _uids(visitor.get(SOURCES, params={"name": "示例S3厂"})) == ["S3"]


def test_time_selects_where_there_is_one_and_passes_what_has_none(visitor: TestClient) -> None:
    grids = "/ogc/collections/responsibility/items"
    everything = visitor.get(grids).json()["numberMatched"]
    without = sum(each["properties"]["verified_on"] is None for each in visitor.get(grids).json()["features"])
    assert 0 < without < everything
    assert visitor.get(f"{grids}?datetime=2026-11-02").json()["numberMatched"] == everything
    assert visitor.get(f"{grids}?datetime=2026-11-01/..").json()["numberMatched"] == everything
    assert visitor.get(f"{grids}?datetime=../2026-11-01").json()["numberMatched"] == without
    assert visitor.get(f"{grids}?datetime=2026-11-02T23:59:59Z/..").json()["numberMatched"] == everything
    assert visitor.get(f"{SOURCES}?datetime=1999-01-01").json()["numberMatched"] == 5


def test_an_answer_is_not_sent_twice_until_the_data_change(client: TestClient, database: Database) -> None:
    first = client.get(SOURCES)
    assert "private" not in first.headers["cache-control"]
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get(SOURCES, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{SOURCES}?limit=1", headers=known).status_code == 200
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.source SET name = 'new' WHERE uid = 'S1'"))
    changed = client.get(SOURCES, headers=known)
    assert changed.status_code == 200
    assert changed.json()["features"][0]["properties"]["name"] == "new"


def test_answers_behind_a_login_are_private(as_account: Clients) -> None:
    answer = as_account("planner").get("/ogc/collections/coverage-gaps/items")
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")
    assert "Authorization" in answer.headers["vary"]


def test_the_address_of_the_site_stands_in_the_links(client: TestClient, settings: Any) -> None:
    object.__setattr__(settings, "public_url", "https://grid.example.cn/")
    page = client.get("/ogc").json()
    assert all(link["href"].startswith("https://grid.example.cn/ogc") for link in page["links"])


def test_a_page_that_grows_too_large_ends_early_and_goes_on(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.ogc.items.MAX_BYTES", 400)
    seen: list[str] = []
    address: str | None = SOURCES
    while address is not None:
        page = client.get(address).json()
        seen += [each["properties"]["uid"] for each in page["features"]]
        address = next((each["href"] for each in page["links"] if each["rel"] == "next"), None)
    assert seen == ["S1", "S2", "S3", "S4", "S5"]


def test_unsafe_methods_do_not_exist(client: TestClient, as_account: Clients) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, SOURCES).status_code == 405
        # What rests on a cookie alone is refused before.
        assert as_account("admin").request(method, SOURCES).status_code == 403


def test_a_plan_that_one_may_not_see_is_404(client: TestClient, as_account: Clients, city: City) -> None:
    path = f"/ogc/collections/grids/items?plan={city.draft}"
    assert client.get(path).status_code == 404
    answer = as_account("planner").get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")
    assert answer.json()["numberMatched"] == 6
    assert all(f"plan={city.draft}" in link["href"] for link in answer.json()["links"])
    assert client.get("/ogc/collections/grids/items?plan=999999").status_code == 404


def test_before_anything_is_published_layers_of_plans_are_empty(
    client: TestClient, database: Database
) -> None:
    with database.operating() as session:
        session.execute(
            text("UPDATE gisgrid.plan SET state = 'superseded', valid_to = :day WHERE state = 'published'"),
            {"day": date(2020, 1, 1)},
        )
    page = client.get("/ogc/collections/grids/items").json()
    assert (page["numberMatched"], page["features"]) == (0, [])


def test_every_collection_can_be_read_sorted_and_described(as_account: Clients, city: City) -> None:
    client = as_account("admin")
    listed = client.get("/ogc/collections").json()["collections"]
    draft = f"draft-{city.draft}"
    assert {each["id"] for each in listed} == {*all_layers(), draft}
    for each in listed:
        path = f"/ogc/collections/{each['id']}"
        assert client.get(path).json() == each
        layer = LAYER if each["id"] == draft else all_layers()[each["id"]]
        columns = [column.name for column in layer.columns]
        page = client.get(f"{path}/items", params={"sortby": ",".join(columns[:8])})
        assert page.status_code == 200, (each["id"], page.text)
        for feature in page.json()["features"]:
            assert list(feature["properties"]) == columns
            assert client.get(f"{path}/items/{feature['id']}").status_code == 200
        named = client.get(f"{path}/queryables").json()["properties"]
        assert set(named) == {*columns, "id", "geometry"}
        described = client.get(f"{path}/schema")
        assert described.headers["content-type"] == "application/schema+json"
        assert json.loads(described.content)["properties"]["id"]["x-ogc-role"] == "id"
