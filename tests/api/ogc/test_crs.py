"""OGC API Features, part 2: the axis order is the authority's, and the datums stay right."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from pyproj import Transformer

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SOURCES = "/ogc/collections/sources/items"


def _points(visitor: TestClient, **parameters: str) -> dict[str, list[float]]:
    answer = visitor.get(SOURCES, params=parameters)
    assert answer.status_code == 200, answer.text
    return {each["properties"]["uid"]: each["geometry"]["coordinates"] for each in answer.json()["features"]}


@pytest.fixture(scope="module")
def stored(visitor: TestClient) -> dict[str, list[float]]:
    return _points(visitor)


@pytest.mark.parametrize(
    "uri", [CRS84, *(f"{EPSG}{code}" for code in (4326, 4490, 3857, 4550))], ids=lambda uri: uri[-5:]
)
def test_the_answer_says_its_crs(visitor: TestClient, uri: str) -> None:
    assert visitor.get(SOURCES, params={"crs": uri}).headers["content-crs"] == f"<{uri}>"
    item = visitor.get(SOURCES).json()["features"][0]["id"]
    assert visitor.get(f"{SOURCES}/{item}", params={"crs": uri}).headers["content-crs"] == f"<{uri}>"
    assert uri in visitor.get("/ogc/collections/sources").json()["crs"]


def test_without_a_crs_longitude_comes_first(visitor: TestClient, stored: dict[str, list[float]]) -> None:
    assert visitor.get(SOURCES).headers["content-crs"] == f"<{CRS84}>"
    assert 122 < stored["S1"][0] < 124
    assert 40 < stored["S1"][1] < 42


@pytest.mark.parametrize("code", [4326, 4490])
def test_degrees_of_epsg_have_latitude_first_and_the_same_numbers(
    visitor: TestClient, stored: dict[str, list[float]], code: int
) -> None:
    flipped = _points(visitor, crs=f"{EPSG}{code}")
    assert flipped == {uid: [y, x] for uid, (x, y) in stored.items()}


@pytest.mark.parametrize(("code", "source"), [(3857, 4326), (4550, 4490)])
def test_metres_are_those_of_proj_in_the_authority_s_order(
    visitor: TestClient, stored: dict[str, list[float]], code: int, source: int
) -> None:
    project = Transformer.from_crs(source, code)  # the authorities' axis order on both sides
    for uid, place in _points(visitor, crs=f"{EPSG}{code}").items():
        lon, lat = stored[uid]
        assert place == pytest.approx(project.transform(lat, lon), abs=0.002)


def test_cgcs2000_is_not_shifted_against_wgs84(visitor: TestClient, stored: dict[str, list[float]]) -> None:
    """A datum shift of a metre, as wrong pipelines bring, would show."""
    back = Transformer.from_crs(4550, 4490)
    for uid, place in _points(visitor, crs=f"{EPSG}4550").items():
        assert back.transform(*place) == pytest.approx(stored[uid][::-1], abs=1e-8)


@pytest.mark.parametrize("code", [4326, 4490, 3857, 4550])
def test_a_box_is_read_in_its_own_crs(visitor: TestClient, code: int) -> None:
    a, b = _points(visitor, crs=f"{EPSG}{code}")["S2"]
    reach = 0.001 if code in (4326, 4490) else 100
    box = f"{a - reach},{b - reach},{a + reach},{b + reach}"
    assert list(_points(visitor, bbox=box, **{"bbox-crs": f"{EPSG}{code}"})) == ["S2"]


@pytest.mark.parametrize("code", [3857, 4550])
def test_a_huge_box_in_metres_finds_everything(visitor: TestClient, code: int) -> None:
    box = "-1e12,-1e12,1e12,1e12"
    assert len(_points(visitor, bbox=box, **{"bbox-crs": f"{EPSG}{code}"})) == 5


@pytest.mark.parametrize("code", [4326, 4490, 3857, 4550])
def test_shapes_in_a_filter_are_read_in_theirs(visitor: TestClient, code: int) -> None:
    a, b = _points(visitor, crs=f"{EPSG}{code}")["S3"]
    reach = 0.001 if code in (4326, 4490) else 100
    west, south, east, north = a - reach, b - reach, a + reach, b + reach
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    found = _points(
        visitor,
        filter=f"S_INTERSECTS(geometry, POLYGON(({ring})))",
        **{"filter-crs": f"{EPSG}{code}"},
    )
    assert list(found) == ["S3"]


def test_coordinates_in_the_wrong_order_are_refused_with_a_hint(visitor: TestClient) -> None:
    answer = visitor.get(
        SOURCES,
        params={"filter": "S_INTERSECTS(geometry, POINT(41 122))", "filter-crs": CRS84},
    )
    assert answer.status_code == 400
    assert "axis order" in answer.json()["todo"]
