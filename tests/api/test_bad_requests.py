"""Bad input over HTTP, in one table: which status, and that it says in both languages what to do."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from tests.api.accounts import ENGLISH

CHINESE = re.compile(r"[一-鿿]")
ITEMS = "/ogc/collections/sources/items"
ANSWERED = "/api/responsibility?lon=121.81&lat=41.01"

TABLE = (
    # Boxes
    (f"{ITEMS}?bbox=1,2,3", 400),
    (f"{ITEMS}?bbox=a,b,c,d", 400),
    (f"{ITEMS}?bbox=nan,0,1,1", 400),
    (f"{ITEMS}?bbox=0,50,1,40", 400),
    (f"{ITEMS}?bbox=0,0,1,1&bbox-crs=EPSG:1", 400),
    # Pages
    (f"{ITEMS}?limit=-1", 400),
    (f"{ITEMS}?limit=0", 400),
    (f"{ITEMS}?limit=99999999999999999999", 400),
    (f"{ITEMS}?offset=-1", 400),
    (f"{ITEMS}?sortby=nothing", 400),
    (f"{ITEMS}?unknown=1", 400),
    (f"{ITEMS}?filter=((", 400),
    (f"{ITEMS}?filter=nothing=1", 400),
    (f"{ITEMS}?crs=EPSG:1", 400),
    (f"{ITEMS}/99999999999999999999", 404),
    # Layers and plans that are not there, or not for everybody
    ("/ogc/collections/nothing", 404),
    ("/ogc/collections/nothing/items", 404),
    ("/ogc/collections/coverage-gaps/items", 404),
    ("/ogc/collections/grids/items?plan=999999", 404),
    ("/ogc/collections/grids/items?plan=x", 400),
    ("/tiles/nothing.json", 404),
    ("/styles/nothing.json", 404),
    ("/api/layers/nothing/download?format=csv", 404),
    ("/api/layers/grids/download?format=dwg", 400),
    ("/api/nothing", 404),
    # Tiles
    ("/tiles/grids/30/1/1.mvt", 400),
    ("/tiles/grids/-1/0/0.mvt", 400),
    ("/tiles/grids/3/99/0.mvt", 400),
    ("/tiles/grids/x/0/0.mvt", 404),
    ("/tiles/nothing/3/1/1.mvt", 404),
    # Places and days
    ("/api/responsibility?lon=41.01&lat=121.81", 400),  # lat 121 is none, whoever swapped it
    ("/api/responsibility?lon=121.81", 400),
    ("/api/responsibility?lon=x&lat=41", 400),
    ("/api/responsibility?lon=nan&lat=41", 400),
    ("/api/responsibility?lon=inf&lat=41", 400),
    (f"{ANSWERED}&on=9999-12-31", 400),
    (f"{ANSWERED}&on=1900-01-01", 400),
    (f"{ANSWERED}&on=tomorrow", 400),
    (f"{ANSWERED}&topic=nothing", 400),
    ("/api/search?q=a&limit=-1", 400),
    ("/api/search?q=a&limit=100000", 400),
    # What needs a login
    ("/api/coverage", 401),
    ("/api/workload?level=2", 401),
    ("/api/surroundings?lon=121.81&lat=41.01&radius_m=500", 401),
)


def test_bad_requests_get_a_clear_answer_in_the_language_asked_for(client: TestClient) -> None:
    statuses = {}
    for address, _ in TABLE:
        chinese, english = client.get(address), client.get(address, headers=ENGLISH)
        statuses[address] = chinese.status_code
        assert english.status_code == chinese.status_code
        for answer, is_chinese in ((chinese, True), (english, False)):
            assert answer.headers["content-type"] == "application/problem+json", address
            problem = answer.json()
            assert problem["status"] == answer.status_code
            for said in (problem["detail"], problem["todo"]):
                assert bool(CHINESE.search(said)) == is_chinese, (address, said)
    assert statuses == dict(TABLE)


@pytest.mark.parametrize("box", ["-180,-90,180,90", "-1e9,-1e9,1e9,1e9"])
def test_a_huge_box_is_all_there_is(client: TestClient, box: str) -> None:
    everything = client.get(f"{ITEMS}?limit=1").json()["numberMatched"]
    assert everything > 0
    assert client.get(f"{ITEMS}?limit=1&bbox={box}").json()["numberMatched"] == everything
