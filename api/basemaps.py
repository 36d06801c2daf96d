"""The base map that is configured, and how its tiles are fetched without anybody learning the key."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

import httpx
import structlog

from api.errors import NotFound, Unavailable
from gisgrid.settings import Settings
from gisgrid.text import Text

# They write whole addresses, keys included.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

log = structlog.get_logger("gisgrid.basemap")

MAX_ZOOM: Final = 22
MAX_TILE_BYTES: Final = 2 * 2**20
IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0, pool=2.0)
LIMITS: Final = httpx.Limits(max_connections=32, max_keepalive_connections=16)

_PLACES: Final = {
    "z": "z",
    "tilematrix": "z",
    "x": "x",
    "tilecol": "x",
    "y": "y",
    "tilerow": "y",
    "-y": "-y",
    "s": "s",
}
_PLACE: Final = re.compile(r"\{(-?[A-Za-z]+)\}")

_NO_TILE = NotFound(
    Text(zh="没有这块底图瓦片。", en="There is no such tile of a base map."),
    todo=Text(zh="是否配置了底图见 /api/site。", en="/api/site says whether a base map is configured."),
)
_AWAY = Unavailable(
    Text(zh="底图服务暂时不可用。", en="The base map does not answer as it should."),
    todo=Text(zh="没有底图也可继续使用；稍后会恢复。", en="All else works without it; try again later."),
)


class _Unusable(Exception):
    """What the other server sent is no tile."""


@dataclass(frozen=True)
class Template:
    """The address of tiles with {z}, {x}, {y}, or as WMTS has it {TileMatrix}, {TileCol}, {TileRow}.

    {-y} counts from the south; `hosts` are what {s} stands for, taken in turn.
    """

    url: str = field(repr=False)
    hosts: tuple[str, ...] = ("a", "b", "c")

    @property
    def is_usable(self) -> bool:
        """Whether it names a server and says where zoom, column and row go."""
        names = {_PLACES.get(each.lower()) for each in _PLACE.findall(self.url)}
        parts = urlsplit(self.url)
        placed = {"z", "x"} <= names and ("y" in names or "-y" in names)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and placed and None not in names

    def tile(self, z: int, x: int, y: int) -> str:
        """The address of one tile; nothing in it but these three numbers comes from who asks."""
        values = {
            "z": str(z),
            "x": str(x),
            "y": str(y),
            "-y": str(2**z - 1 - y),
            "s": self.hosts[(x + y) % len(self.hosts)],
        }
        return _PLACE.sub(lambda found: values[_PLACES[found[1].lower()]], self.url)


@dataclass(frozen=True)
class BaseMap:
    """Its tiles, its names if they come apart, and whom to thank."""

    tiles: Template
    labels: Template | None
    attribution: str


def base_map(settings: Settings) -> BaseMap | None:
    """The base map that is configured; None without one, or if its address cannot be used (see the log)."""
    if settings.basemap_url:
        template = Template(settings.basemap_url)
        if not template.is_usable:
            log.warning("basemap", reason="GISGRID_BASEMAP_URL needs http(s) and {z}, {x}, {y}")
            return None
        return BaseMap(template, None, urlsplit(settings.basemap_url.replace("{s}.", "")).hostname or "")
    if settings.tianditu_key is not None:
        key = settings.tianditu_key.get_secret_value()
        return BaseMap(_tianditu("vec", key), _tianditu("cva", key), "© 天地图")
    return None


def _tianditu(layer: str, key: str) -> Template:
    """National platform for geospatial services, WMTS in Web Mercator."""
    return Template(
        f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
        f"&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
        f"&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={quote(key, safe='')}",
        hosts=tuple("01234567"),
    )


@dataclass(frozen=True)
class Image:
    """A tile's content, and what it is."""

    content: bytes
    media_type: str


async def fetch_tile(client: httpx.AsyncClient, template: Template | None, z: int, x: int, y: int) -> Image:
    """One tile from the configured server, and from no other: redirections are not followed.

    Raises
    ------
    NotFound
        If no base map is configured, or there is no such tile.
    Unavailable
        If the server does not answer in time, or with something that is no image.
    """
    if template is None or not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise _NO_TILE
    try:
        return await _fetch(client, template.tile(z, x, y))
    except (httpx.HTTPError, httpx.InvalidURL, _Unusable) as error:
        # Not the error itself, which holds the address and so the key.
        reason = str(error) if isinstance(error, _Unusable) else type(error).__name__
        log.warning("basemap", reason=reason)
        raise _AWAY from None


async def _fetch(client: httpx.AsyncClient, url: str) -> Image:
    async with client.stream("GET", url, headers={"Accept": "image/*"}, follow_redirects=False) as answer:
        if answer.status_code in (204, 404):
            raise _NO_TILE
        if answer.status_code != httpx.codes.OK:
            raise _Unusable(f"status {answer.status_code}")
        media_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        if media_type not in IMAGES:
            raise _Unusable("not an image")
        content = bytearray()
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > MAX_TILE_BYTES:
                raise _Unusable("too large")
        return Image(bytes(content), media_type)
