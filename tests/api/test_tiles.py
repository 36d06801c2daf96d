"""Vector tiles over HTTP, read back with GDAL; TileJSON, styles, the catalogue."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, text, update

from gisgrid.model import Grid, Source
from gisgrid.store.database import Database
from layers import all_layers
from tests.city import City, point, shape
from tests.tiling import decoded, tile_at

CENTRE = point(10, 5)
CITY_TILE = tile_at(CENTRE.x, CENTRE.y, 8)
Clients = Callable[..., TestClient]


def address(layer_id: str, tile: object = CITY_TILE) -> str:
    return f"/tiles/{layer_id}/{tile.z}/{tile.x}/{tile.y}.mvt"  # type: ignore[attr-defined]


def test_a_tile_holds_the_features_with_their_ids_and_columns(
    client: TestClient, city: City, tmp_path: Path
) -> None:
    answer = client.get(address("grids"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    layers = decoded(answer.content, CITY_TILE, tmp_path)
    grids = layers["grids"]
    assert set(grids.index) == {city.grids[uid] for uid in ("CITY", "WEST", "EAST", "T1", "T2", "T3")}
    assert dict(zip(grids["uid"], grids["name"], strict=True))["T1"] == "一镇"
    assert set(grids.columns) - {"geometry"} <= {column.name for column in all_layers()["grids"].columns}
    west = grids[grids["uid"] == "WEST"].geometry.iloc[0].bounds
    assert west == pytest.approx((*point(0, 0).coords[0], *point(10, 10).coords[0]), abs=1e-3)


def test_a_name_stands_in_one_tile_only(client: TestClient, tmp_path: Path) -> None:
    names: list[str] = []
    west, north = tile_at(*point(0, 10).coords[0], 11), tile_at(*point(20, 0).coords[0], 11)
    crossed = 0
    for x in range(west.x, north.x + 1):
        for y in range(west.y, north.y + 1):
            tile = type(west)(11, x, y)
            answer = client.get(address("grids", tile))
            if answer.status_code == 200:
                layers = decoded(answer.content, tile, tmp_path)
                crossed += "WEST" in set(layers["grids"]["uid"])
                names += list(layers["grids-points"]["uid"]) if "grids-points" in layers else []
    assert crossed > 1
    assert sorted(names) == ["CITY", "EAST", "T1", "T2", "T3", "WEST"]


def test_a_finding_too_small_to_be_seen_gets_a_mark(
    as_account: Clients, database: Database, tmp_path: Path
) -> None:
    tile = tile_at(CENTRE.x, CENTRE.y, 4)
    answer = as_account("analyst").get(address("coverage-gaps", tile))
    layers = decoded(answer.content, tile, tmp_path)
    (mark,) = layers["coverage-gaps-points"].to_dict("records")
    assert mark["kind"] == "gap"


def test_a_west_planners_tile_lacks_what_lies_in_the_east(as_account: Clients, tmp_path: Path) -> None:
    mine = as_account("west").get(address("sources-internal"))
    assert set(decoded(mine.content, CITY_TILE, tmp_path)["sources-internal"]["uid"]) == {"S1", "S2"}
    all_of_it = as_account("planner").get(address("sources-internal"))
    assert len(decoded(all_of_it.content, CITY_TILE, tmp_path)["sources-internal"]) == 5
    assert as_account("west").get(address("coverage-gaps")).status_code == 204


def test_west_and_city_planners_never_share_a_cached_tile(as_account: Clients) -> None:
    mine = as_account("west").get(address("sources-internal"))
    theirs = as_account("planner").get(
        address("sources-internal"), headers={"If-None-Match": mine.headers["etag"]}
    )
    assert theirs.status_code == 200
    assert "private" in mine.headers["cache-control"]
    assert "immutable" not in mine.headers["cache-control"]


def test_zoomed_out_one_point_stands_for_its_neighbours_and_the_heaviest_stays(
    client: TestClient, database: Database, tmp_path: Path
) -> None:
    beside = {"kind": "企业", "location": "given", "grid_path": ["CITY", "WEST", "T1"]}
    with database.operating() as session:
        session.execute(
            insert(Source),
            [
                {**beside, "uid": f"N{number}", "source_class": "A", "geometry": shape(point(2.01, 5))}
                for number in range(30)
            ],
        )
    tile = tile_at(*point(2, 5).coords[0], 6)
    far = decoded(client.get(address("sources", tile)).content, tile, tmp_path)["sources"]
    assert "S1" in set(far["uid"])
    assert len(far) < 8
    tile = tile_at(*point(2, 5).coords[0], 12)
    near = decoded(client.get(address("sources", tile)).content, tile, tmp_path)["sources"]
    assert len(near) >= 31


def test_an_empty_tile_is_204(client: TestClient) -> None:
    assert client.get("/tiles/grids/8/0/0.mvt").status_code == 204
    assert client.get(address("unit-grids")).status_code == 204


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("grids/30/0/0", 400),
        ("grids/25/0/0", 400),
        ("grids/-1/0/0", 400),
        ("grids/2/4/0", 400),
        ("grids/2/0/4", 400),
        ("grids/2/-1/0", 400),
        ("grids/99999999999999999999/0/0", 400),
        ("grids/2/a/0", 404),
        ("grids/2/0/1e3", 404),
        ("no-such-layer/2/0/0", 404),
        ("_look/2/0/0", 404),
        ("coverage-gaps/2/0/0", 404),
    ],
)
def test_a_tile_that_cannot_be_says_why(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/tiles/{path}.mvt", headers={"Accept-Language": "en"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["todo"]


@pytest.mark.parametrize("plan", ["0", "-1", "x", "99999999999999999999"])
def test_a_plan_that_is_no_number_of_a_plan_is_refused(client: TestClient, plan: str) -> None:
    assert client.get("/tiles/grids.json", params={"plan": plan}).status_code == 400


def test_a_draft_is_there_for_planners_only(client: TestClient, as_account: Clients, city: City) -> None:
    draft = {"plan": str(city.draft)}
    assert client.get(address("grids"), params=draft).status_code == 404
    assert as_account("officer").get(address("grids"), params=draft).status_code == 404
    answer = as_account("planner").get(address("grids"), params=draft)
    assert answer.status_code == 200
    assert "private" in answer.headers["cache-control"]


def test_a_published_plan_may_be_named_by_anybody(client: TestClient, city: City) -> None:
    answer = client.get(address("grids"), params={"plan": city.plan})
    assert answer.status_code == 200
    assert "public" in answer.headers["cache-control"]


def test_public_layers_are_read_as_the_public_whoever_asks(as_account: Clients, tmp_path: Path) -> None:
    """A planner of the west knows 李四's name; the public layer still does not say it."""
    answer = as_account("west").get(address("responsibility"))
    found = decoded(answer.content, CITY_TILE, tmp_path)["responsibility"]
    assert "李四" not in set(found["person"])
    assert "public" in answer.headers["cache-control"]


def test_an_unchanged_tile_is_304_until_its_tables_change(client: TestClient, database: Database) -> None:
    first = client.get(address("sources"))
    same = client.get(address("sources"), headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    with database.operating() as session:
        session.execute(update(Source).where(Source.uid == "S1").values(name="新名"))
    assert client.get(address("grids"), headers={"If-None-Match": first.headers["etag"]}).status_code == 200
    after = client.get(address("sources"), headers={"If-None-Match": first.headers["etag"]})
    assert after.status_code == 200


def test_an_address_with_the_current_version_may_be_kept(client: TestClient, database: Database) -> None:
    tiles = client.get("/tiles/sources.json").json()["tiles"][0]
    path = tiles.format(z=CITY_TILE.z, x=CITY_TILE.x, y=CITY_TILE.y)
    assert "max-age=86400" in client.get(path).headers["cache-control"]
    with database.operating() as session:
        session.execute(update(Source).where(Source.uid == "S1").values(name="新名"))
    assert "max-age=0" in client.get(path).headers["cache-control"]


def test_a_tile_is_packed_for_those_who_take_it(live_site: str) -> None:
    url = live_site + address("grids")
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    plain = httpx.get(url, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


def test_tilejson_tells_what_the_tiles_hold(client: TestClient) -> None:
    document = client.get("/tiles/grids.json").json()
    assert document["tilejson"] == "3.0.0"
    assert document["tiles"][0].startswith("http://testserver/tiles/grids/{z}/{x}/{y}.mvt?v=")
    assert [each["id"] for each in document["vector_layers"]] == ["grids", "grids-points"]
    assert "Name" in document["vector_layers"][0]["fields"]["name"]
    assert document["bounds"] == pytest.approx([*point(0, 0).coords[0], *point(20, 10).coords[0]], abs=1e-6)


def test_tilejson_of_an_empty_layer_has_no_bounds(client: TestClient) -> None:
    assert "bounds" not in client.get("/tiles/unit-grids.json").json()


def test_addresses_are_those_of_the_public_site(app: object, client: TestClient) -> None:
    state = app.state  # type: ignore[attr-defined]
    state.settings = state.settings.model_copy(update={"public_url": "https://grid.example/site/"})
    tiles = client.get("/tiles/grids.json").json()["tiles"][0]
    assert tiles.startswith("https://grid.example/site/tiles/grids/")


def test_a_style_reads_its_layer_from_this_site(client: TestClient) -> None:
    style = client.get("/styles/sources.json").json()
    assert style["version"] == 8
    assert style["sources"]["sources"]["url"].startswith("http://testserver/tiles/sources.json?v=")
    assert {each.get("source-layer") for each in style["layers"]} == {"sources"}


@pytest.mark.parametrize("path", ["/tiles/grids.json", "/styles/grids.json", "/api/layers"])
def test_documents_are_304_when_known(client: TestClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_the_catalogue_lists_to_visitors_what_is_public(client: TestClient) -> None:
    catalogue = {each["id"]: each for each in client.get("/api/layers").json()}
    assert list(catalogue) == [
        layer.id for layer in all_layers().values() if layer.audience.value == "public"
    ]
    assert catalogue["grids"]["count"] == 6
    assert catalogue["unit-grids"]["bounds"] is None
    assert catalogue["sources"]["items"] == "/ogc/collections/sources/items"


def test_the_catalogue_counts_what_the_account_may_see(as_account: Clients, city: City) -> None:
    counts = {
        login: {each["id"]: each["count"] for each in as_account(login).get("/api/layers").json()}
        for login in ("west", "token")
    }
    assert set(counts["token"]) == set(all_layers())
    assert (counts["west"]["sources-internal"], counts["token"]["sources-internal"]) == (2, 5)
    assert (counts["west"]["coverage-gaps"], counts["token"]["coverage-gaps"]) == (0, 1)


def test_counts_follow_the_data(client: TestClient, database: Database) -> None:
    def count() -> int:
        found: dict[str, int] = {each["id"]: each["count"] for each in client.get("/api/layers").json()}
        return found["sources"]

    assert count() == 5
    with database.operating() as session:
        session.execute(text("DELETE FROM gisgrid.source WHERE uid = 'S5'"))
    assert count() == 4


def test_before_any_plan_is_published_layers_are_empty(
    client: TestClient, database: Database, city: City
) -> None:
    with database.operating() as session:
        session.execute(text("UPDATE gisgrid.plan SET state = 'superseded' WHERE state = 'published'"))
    assert client.get(address("grids")).status_code == 204
    found = {each["id"]: each["count"] for each in client.get("/api/layers").json()}
    assert (found["grids"], found["sources"]) == (0, 5)


def test_a_tile_finds_its_rows_by_the_index_under_row_security(database: Database, city: City) -> None:
    """Two hundred thousand sources; without the index this reads them all."""
    with database.operating() as session:
        session.execute(
            text(
                """
                INSERT INTO gisgrid.source (uid, name, source_class, location, grid_path, geometry)
                SELECT 'X' || i, '企业', 'A', 'given', '{CITY,WEST,T1}',
                       ST_SetSRID(ST_MakePoint(121 + random() * 4, 39 + random() * 4), 4490)
                FROM generate_series(1, 200000) i
                """
            )
        )
        session.execute(text("ANALYZE gisgrid.source"))
    from gisgrid.store.tiles import read_tile
    from tests.city import TOKENS

    tile = tile_at(CENTRE.x, CENTRE.y, 12)
    for opened, layer_id in (
        (database.anonymous(), "sources"),
        (database.bearer(TOKENS["west"]), "sources-internal"),
    ):
        with opened as session:
            session.execute(text("SET LOCAL enable_seqscan = on"))
            before = _scanned(session)
            assert read_tile(session, all_layers()[layer_id], city.plan, tile)
            assert _scanned(session) == before


def _scanned(session: object) -> int:
    """How many times this transaction has read the whole table of sources."""
    count: int = session.execute(  # type: ignore[attr-defined]
        text("SELECT pg_stat_get_xact_numscans('gisgrid.source'::regclass)")
    ).scalar_one()
    return count


def test_grids_of_a_fifth_level_come_out_like_any_other(
    as_account: Clients, database: Database, city: City, tmp_path: Path
) -> None:
    with database.operating() as session:
        session.add(
            Grid(
                plan_id=city.draft,
                uid="V1",
                level=5,
                name="一村",
                parent_id=city.draft_grids["T1"],
                path=["CITY", "WEST", "T1", "V1"],
                area_m2=1e6,
                geometry=shape(point(2, 5).buffer(0.01)),
            )
        )
    answer = as_account("planner").get(address("grids"), params={"plan": city.draft})
    found = decoded(answer.content, CITY_TILE, tmp_path)["grids"]
    assert set(found["level"]) == {1, 2, 3, 5}
