"""The base map's proxy, against a tile server of the test's own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api import basemaps
from api.app import create_app
from api.basemaps import Template, base_map
from gisgrid.settings import Settings
from gisgrid.store.database import Database

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
KEY = "very-secret"


class TileServer(BaseHTTPRequestHandler):
    """Answers by the column: a tile, or one of the ways in which a server fails."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        _, z, x, _ = self.path.split("?")[0].split("/")
        status, kind, content = {
            "1": (302, "image/png", b""),
            "2": (200, "text/html", b"<html>quota</html>"),
            "3": (200, "image/png", b"0" * 4096),
            "4": (403, "text/html", b"no"),
            "5": (404, "text/html", b"no"),
            "6": (204, "image/png", b""),
            "7": (500, "image/png", PNG),
        }.get(x if z == "8" else "", (200, "image/png", PNG))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Set-Cookie", "tracked=yes")
        if status == 302:
            self.send_header("Location", f"/{z}/100/0?moved")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def asked() -> list[str]:
    """The paths that the tile server was asked for."""
    return []


@pytest.fixture
def tile_server(asked: list[str]) -> Iterator[str]:
    """Its address."""
    handler = type("Handler", (TileServer,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def mapped(tile_server: str, settings: Settings, database: Database) -> Iterator[TestClient]:
    """A visitor of a site with a base map."""
    url = f"{tile_server}/{{z}}/{{x}}/{{y}}?key={KEY}"
    with TestClient(create_app(settings.model_copy(update={"basemap_url": url}), database)) as client:
        yield client


def test_without_a_base_map_there_are_no_tiles(client: TestClient) -> None:
    assert client.get("/basemap/1/0/0").status_code == 404
    assert client.get("/basemap/labels/1/0/0").status_code == 404


def test_a_tile_comes_from_this_origin_and_may_be_kept(mapped: TestClient, asked: list[str]) -> None:
    answer = mapped.get("/basemap/10/860/380")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert "max-age=604800" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert asked == [f"/10/860/380?key={KEY}"]


def test_the_other_server_is_not_told_who_asks(mapped: TestClient) -> None:
    seen: list[dict[str, str]] = []
    original = TileServer.do_GET

    def noting(self: TileServer) -> None:
        seen.append({name.lower(): value for name, value in self.headers.items()})
        original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TileServer, "do_GET", noting)
        mapped.get(
            "/basemap/10/860/380",
            headers={"Authorization": "Bearer x", "Cookie": "a=b", "Referer": "http://x/"},
        )
    assert not {"authorization", "cookie", "referer"} & set(seen[0])


def test_a_redirection_is_not_followed(mapped: TestClient, asked: list[str]) -> None:
    assert mapped.get("/basemap/8/1/0").status_code == 503
    assert len(asked) == 1


def test_what_is_no_tile_is_not_passed_on(mapped: TestClient) -> None:
    for column in (2, 4, 7):
        answer = mapped.get(f"/basemap/8/{column}/0")
        assert answer.status_code == 503, column
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_tile_that_is_too_large_is_not_passed_on(
    mapped: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basemaps, "MAX_TILE_BYTES", 1000)
    assert mapped.get("/basemap/8/3/0").status_code == 503


def test_a_tile_that_the_server_lacks_is_not_found(mapped: TestClient) -> None:
    for column in (5, 6):
        assert mapped.get(f"/basemap/8/{column}/0").status_code == 404, column


def test_places_that_no_tile_has_are_not_asked_for(mapped: TestClient, asked: list[str]) -> None:
    nowhere = (
        "23/0/0",
        "-1/0/0",
        "3/8/0",
        "3/0/8",
        "3/-1/0",
        "a/b/c",
        "3/0/0.png",
        "1/0/99999999999999999999",
    )
    for path in nowhere:
        assert mapped.get(f"/basemap/{path}").status_code == 404, path
    assert asked == []


def test_a_server_that_is_away_is_said_and_its_key_is_not_logged(
    settings: Settings,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"http://127.0.0.1:9/{{z}}/{{x}}/{{y}}?key={KEY}"
    with (
        caplog.at_level(logging.INFO),
        TestClient(create_app(settings.model_copy(update={"basemap_url": url}), database)) as client,
    ):
        answer = client.get("/basemap/1/0/0", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "base map" in answer.json()["detail"]
    output = capsys.readouterr()
    assert KEY not in output.out + output.err + caplog.text + answer.text


def test_the_key_is_not_logged_where_all_is_well(
    mapped: TestClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert mapped.get("/basemap/1/0/0").status_code == 200
    output = capsys.readouterr()
    assert KEY not in output.out + output.err + caplog.text


@pytest.mark.parametrize(
    ("url", "tile"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example/3/5/2.png"),
        ("https://tiles.example/{z}/{x}/{-y}.png", "https://tiles.example/3/5/5.png"),
        ("https://{s}.tiles.example/{z}/{x}/{y}", "https://b.tiles.example/3/5/2"),
        (
            "http://10.0.0.5/wmts?TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}",
            "http://10.0.0.5/wmts?TILEMATRIX=3&TILEROW=2&TILECOL=5",
        ),
    ],
)
def test_templates_of_every_sort_are_filled(url: str, tile: str) -> None:
    assert Template(url).is_usable
    assert Template(url).tile(3, 5, 2) == tile


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example/wmts",
        "https://tiles.example/{z}/{x}",
        "file:///etc/{z}/{x}/{y}",
        "/tiles/{z}/{x}/{y}",
        "https://tiles.example/{z}/{x}/{y}?{secret}",
    ],
)
def test_an_address_that_is_no_template_is_no_base_map(settings: Settings, url: str) -> None:
    assert base_map(settings.model_copy(update={"basemap_url": url})) is None


def test_tianditu_needs_only_a_key(settings: Settings) -> None:
    chosen = base_map(settings.model_copy(update={"tianditu_key": SecretStr("k&y")}))
    assert chosen is not None
    assert chosen.labels is not None
    assert chosen.tiles.tile(10, 860, 380) == (
        "https://t0.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default"
        "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX=10&TILEROW=380&TILECOL=860&tk=k%26y"
    )
    assert "LAYER=cva" in chosen.labels.tile(10, 860, 380)
    assert "k&y" not in repr(chosen)
