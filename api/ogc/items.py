"""Features as GeoJSON: a page of them, or one."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import Any, Final

from starlette.datastructures import QueryParams

from api.errors import NotFound
from api.layer_reading import Reading
from api.ogc.links import GEOJSON, QUERYABLES, SCHEMA, Addresses
from api.ogc.parameters import Page
from gisgrid.crs.served import ServedCrs
from gisgrid.layer import Column
from gisgrid.store.layer_rows import LayerRows
from gisgrid.text import Text

MAX_BYTES: Final = 32 * 2**20
"""Of a page: one that would be larger ends earlier, and its `next` goes on from there."""
MAX_FID: Final = 2**63 - 1

_NO_ITEM = NotFound(
    Text(zh="没有这个要素。", en="There is no such feature."),
    todo=Text(zh="请从 items 中选取编号。", en="Take an id from the collection's items."),
)


def feature_collection(
    reading: Reading, page: Page, at: Addresses, query: QueryParams, version: str
) -> bytes:
    """A page of features, with how many match and where the next page is."""
    rows = LayerRows(reading.layer, reading.plan, page.wanted)
    matched = _COUNTS.get(version, rows, reading)
    features: list[bytes] = []
    size = 0
    found = rows.features(reading.session, page.columns, crs=page.crs, limit=page.limit, offset=page.offset)
    for fid, geometry, values in found:
        features.append(_feature(fid, geometry, values))
        size += len(features[-1])
        if size > MAX_BYTES:
            break
    head = {
        "type": "FeatureCollection",
        "numberMatched": max(matched, page.offset + len(features)) if features else matched,
        "numberReturned": len(features),
        "links": _page_links(reading.layer.id, page, at, query, matched, len(features)),
    }
    return b'%s,"features":[%s]}' % (_encoded(head)[:-1], b",".join(features))


def feature(
    reading: Reading, fid: str, columns: tuple[Column, ...], crs: ServedCrs, at: Addresses, query: QueryParams
) -> bytes:
    """One feature.

    Raises
    ------
    NotFound
        If there is none that who asks may see.
    """
    rows = LayerRows(reading.layer, reading.plan)
    found = rows.feature(reading.session, number_of(fid), columns, crs)
    if found is None:
        raise _NO_ITEM
    path = f"/collections/{reading.layer.id}"
    shown = _shown(query)
    links = [
        at.link("self", f"{path}/items/{fid}", GEOJSON, query=shown),
        at.link("collection", path),
        at.link(QUERYABLES, f"{path}/queryables", SCHEMA),
    ]
    return b'%s,"links":%s}' % (_feature(*found)[:-1], _encoded(links))


def number_of(fid: str) -> int:
    """The id that an address names; NotFound if it is none."""
    if not fid.isascii() or not fid.isdecimal() or len(fid) > 19 or int(fid) > MAX_FID:
        raise _NO_ITEM
    return int(fid)


def _feature(fid: int, geometry: str | None, values: dict[str, Any]) -> bytes:
    """A feature around the geometry that the database wrote."""
    return b'{"type":"Feature","id":%d,"geometry":%s,"properties":%s}' % (
        fid,
        (geometry or "null").encode(),
        _encoded(values),
    )


def _encoded(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _shown(query: QueryParams) -> dict[str, str]:
    """The parameters as they were sent; the plan is added to every address anyway."""
    return {name: value for name, value in query.items() if name != "plan"}


def _page_links(
    layer_id: str, page: Page, at: Addresses, query: QueryParams, matched: int, returned: int
) -> list[dict[str, str]]:
    path = f"/collections/{layer_id}"
    items = f"{path}/items"
    shown = _shown(query)
    links = [at.link("self", items, GEOJSON, query=shown), at.link("collection", path)]
    if returned and page.offset + returned < matched:
        links.append(at.link("next", items, GEOJSON, query={**shown, "offset": page.offset + returned}))
    if page.offset:
        before = max(0, page.offset - page.limit)
        links.append(at.link("prev", items, GEOJSON, query={**shown, "offset": before}))
    return links


class _Counts:
    """The latest counts, by version and condition: counting a million rows takes longer than a page may."""

    def __init__(self, size: int = 4096) -> None:
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self._size = size

    def get(self, version: str, rows: LayerRows, reading: Reading) -> int:
        """How many rows match."""
        key = f"{version} {rows.wanted!r}"
        with self._lock:
            known = self._kept.get(key)
        if known is not None:
            return known
        found = rows.count(reading.session)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return found


_COUNTS: Final = _Counts()
