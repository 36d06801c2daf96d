"""A feature as a client sends it: GeoJSON, or a JSON merge patch of one; hostile until checked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from api.errors import Unprocessable, UnsupportedMedia
from gisgrid.crs.served import CRS84, ServedCrs, served_crs
from gisgrid.errors import InputError
from gisgrid.exchange.rounding import Areal
from gisgrid.planning.drawn import area_given
from gisgrid.text import Text

FEATURE_TYPES: Final = ("application/geo+json", "application/json", "application/vnd.geo+json")
PATCH_TYPES: Final = ("application/merge-patch+json", *FEATURE_TYPES)

_AS_FEATURE: Final = Text(zh="请发送 GeoJSON 要素。", en="Send a GeoJSON feature.")


@dataclass(frozen=True)
class SentFeature:
    """A GeoJSON feature, or a part of one, as it came."""

    members: dict[str, Any]
    crs: ServedCrs

    @property
    def properties(self) -> dict[str, Any]:
        """Its properties."""
        found = self.members.get("properties")
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise _unusable("properties")
        return found

    @property
    def whole_geometry(self) -> Areal:
        """The geometry of what must be a whole feature; EPSG:4490, longitude first."""
        if self.members.get("type") != "Feature":
            raise _unusable("type")
        geometry = self.members.get("geometry")
        if geometry is None:
            raise _unusable("geometry")
        return area_given(geometry, is_flipped=self.crs.is_flipped)

    def patched_geometry(self, fid: int) -> Areal | None:
        """The geometry of a merge patch of feature `fid`; None if it has none."""
        if self.members.get("type", "Feature") != "Feature":
            raise _unusable("type")
        if "id" in self.members and str(self.members["id"]) != str(fid):
            raise _unusable("id")  # OGC 20-002, /req/features/update-json-merge-patch B
        if "geometry" not in self.members:
            return None
        if self.members["geometry"] is None:
            raise _unusable("geometry")
        return area_given(self.members["geometry"], is_flipped=self.crs.is_flipped)


def feature_sent(
    raw: bytes, content_type: str | None, content_crs: str | None, kinds: Sequence[str]
) -> SentFeature:
    """The feature in the body of a request.

    Parameters
    ----------
    content_type, content_crs : str or None
        The headers.
    kinds : sequence of str
        The media types that are accepted.

    Raises
    ------
    UnsupportedMedia
        If it is of another type.
    InputError
        If the type is not said (OGC 20-002 demands it), or the CRS is none in degrees.
    Unprocessable
        If it is no JSON object.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if not kind:
        raise InputError(
            Text(zh="没有说明内容的类型。", en="It does not say of which type its content is."),
            where="Content-Type",
            todo=Text(
                zh=f"例如 Content-Type: {kinds[0]}。", en=f"Say, for example, Content-Type: {kinds[0]}."
            ),
        )
    if kind not in kinds:
        raise UnsupportedMedia(
            Text(zh="不接受这种内容。", en="Such content is not accepted."), where=kind[:60], todo=_AS_FEATURE
        )
    crs = CRS84 if content_crs is None else served_crs(content_crs)
    if not crs.is_geographic:
        raise InputError(
            Text(zh="写入时坐标应为经纬度。", en="Coordinates that are written are in degrees."),
            where=crs.uri,
            todo=Text(zh="可用 CRS84、EPSG:4326、EPSG:4490。", en="Use CRS84, EPSG:4326 or EPSG:4490."),
        )
    try:
        members = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise _unusable("") from None
    if not isinstance(members, dict):
        raise _unusable("")
    return SentFeature(members, crs)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _unusable(where: str) -> Unprocessable:
    return Unprocessable(
        Text(zh="请求内容不是可用的 GeoJSON 要素。", en="The body is no GeoJSON feature that can be used."),
        where=where,
        todo=_AS_FEATURE,
    )
