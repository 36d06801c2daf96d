"""Addresses in the OGC API, absolute and with the parameters that hold for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SORTABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
SCHEMA_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/schema"
CONFORMANCE: Final = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
DATA: Final = "http://www.opengis.net/def/rel/ogc/1.0/data"

Link = dict[str, str]


@dataclass(frozen=True)
class Addresses:
    """The API as who asks reaches it; a plan that was named stays named."""

    root: str
    plan: int | None = None

    def to(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        """The address of a resource."""
        named = {**(query or {}), **({"plan": self.plan} if self.plan is not None else {})}
        return f"{self.root}{path}" + (f"?{urlencode(named)}" if named else "")

    def link(
        self,
        rel: str,
        path: str,
        kind: str = JSON,
        *,
        title: str = "",
        query: Mapping[str, Any] | None = None,
    ) -> Link:
        """A link to a resource."""
        found = {"href": self.to(path, query), "rel": rel, "type": kind}
        return found | ({"title": title} if title else {})

    def link_header(self, layer_id: str, kind: str) -> str:
        """The links of a collection's items that clients may want without reading the body."""
        base = f"/collections/{layer_id}"
        links = (
            (self.to(f"{base}/items"), "self", kind),
            (self.to(base), "collection", JSON),
            (self.to(f"{base}/queryables"), QUERYABLES, SCHEMA),
        )
        return ", ".join(f'<{href}>; rel="{rel}"; type="{media}"' for href, rel, media in links)
