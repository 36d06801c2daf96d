"""Names of coordinate systems, and what PROJ knows by them.

A name is "EPSG:4550" (any case, or the bare number; "ESRI:102012" and "IGNF:LAMB93"
likewise), "gcj02", "bd09", "wgs84", "cgcs2000" or WKT, with up to two suffixes:
"+prefixed" where zone numbers stand before the eastings though the code itself has
none (51 415 864 m in EPSG:32651; codes such as EPSG:4529 have the prefix built in),
and "+swapped" where the file's first coordinate is the second axis. Without it the
first coordinate is the longitude or easting, whatever order the authority defines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pyproj.network
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from gisgrid.errors import UnknownCrs
from gisgrid.text import Text

# No grid is ever fetched, whatever the environment says: an answer must not depend on a network.
pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]

_SUFFIXES = re.compile(r"(?i)\s*\+\s*(swapped|prefixed)\s*$")
_CODE = re.compile(r"(?i)\s*(epsg|esri|ignf)[\s:]+([a-z0-9_.-]+)\s*$")
_ALIASES = {
    "gcj02": "gcj02",
    "gcj": "gcj02",
    "mars": "gcj02",
    "火星": "gcj02",
    "火星坐标": "gcj02",
    "火星坐标系": "gcj02",
    "国测局坐标": "gcj02",
    "高德": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "bd": "bd09",
    "百度": "bd09",
    "百度坐标": "bd09",
    "wgs84": "EPSG:4326",
    "wgs": "EPSG:4326",
    "gps": "EPSG:4326",
    "crs84": "EPSG:4326",
    "ogc:crs84": "EPSG:4326",
    "cgcs2000": "EPSG:4490",
    "国家2000": "EPSG:4490",
    "2000国家大地坐标系": "EPSG:4490",
    "900913": "EPSG:3857",
    "epsg:900913": "EPSG:3857",
}
_EARTH_RADIUS_M = 6378137.0
_LONGEST_NAME = 20_000  # characters; real WKT has at most a few thousand
_GRID_FILE = re.compile(r"(?i)(grids\s*=\s*(?!@null)|parameterfile|\binit\s*=)")


@dataclass(frozen=True)
class Reading:
    """A name taken apart."""

    base: str  # "gcj02", "bd09", "AUTHORITY:CODE" or WKT
    prefixed: bool
    swapped: bool


def normalise(name: str) -> str:
    """The one spelling of a CRS name that the rest of gisgrid uses.

    Parameters
    ----------
    name : str
        As the module describes; WKT becomes a code where it equals one.

    Returns
    -------
    str
        "EPSG:4550", "gcj02", "bd09", or WKT where no code fits; then
        "+prefixed", then "+swapped".

    Raises
    ------
    UnknownCrs
        If nothing is known by that name, or it is not about lon/lat or a
        plane on the Earth.

    Examples
    --------
    >>> normalise("4550"), normalise("GCJ-02"), normalise("wgs84 + Swapped")
    ('EPSG:4550', 'gcj02', 'EPSG:4326+swapped')
    """
    reading = reading_of(str(name))
    return reading.base + "+prefixed" * reading.prefixed + "+swapped" * reading.swapped


def title(name: str) -> Text:
    """What a CRS name stands for, as people call it: "EPSG:4550 (CGCS2000 / 3-degree ...)"."""
    reading = reading_of(name)
    if reading.base in ("gcj02", "bd09"):
        plain = Text(*[{"gcj02": "GCJ-02", "bd09": "BD-09"}[reading.base]] * 2)
    elif _is_code(reading.base):
        name = crs_of(reading.base).name.replace("China Geodetic Coordinate System 2000", "CGCS2000")
        plain = Text(*[f"{reading.base} ({name})"] * 2)
    else:
        plain = Text(*[crs_of(reading.base).name] * 2)
    if reading.prefixed:
        plain = Text(zh=plain.zh + "，横坐标带带号", en=plain.en + " with zone-prefixed eastings")
    if reading.swapped:
        plain = Text(zh=plain.zh + "，两轴对调", en=plain.en + " with swapped axes")
    return plain


def base_of(crs: str) -> str:
    """A name without its suffixes: "gcj02", "bd09", a code or WKT."""
    return reading_of(crs).base


def datum_name(base: str) -> str:
    """The datum of a code or WKT, in small letters; of a shifted datum its own name."""
    if base in ("gcj02", "bd09"):
        return base
    datum = crs_of(base).datum
    return "" if datum is None else datum.name.lower()


def is_swapped(crs: str) -> bool:
    """Whether the file's first coordinate is the second axis."""
    return reading_of(crs).swapped


@lru_cache(maxsize=4096)
def reads_degrees(crs: str) -> bool:
    """Whether coordinates in `crs` are degrees from Greenwich."""
    base = reading_of(crs).base
    if base in ("gcj02", "bd09"):
        return True
    source = crs_of(base)
    meridian = source.prime_meridian
    in_degrees = all(axis.unit_name == "degree" for axis in source.axis_info)
    return bool(source.is_geographic and in_degrees and (meridian is None or meridian.longitude == 0.0))


@lru_cache(maxsize=4096)
def reading_of(name: str) -> Reading:
    """A name taken apart; raises as `normalise`."""
    rest, prefixed, swapped = name.strip(), False, False
    while match := _SUFFIXES.search(rest):
        rest = rest[: match.start()].rstrip()
        prefixed |= match.group(1).lower() == "prefixed"
        swapped |= match.group(1).lower() == "swapped"
    reading = Reading(_base(rest), prefixed, swapped)
    if prefixed:
        zone_number(reading.base)
    return reading


@lru_cache(maxsize=4096)
def _base(text: str) -> str:
    if (alias := _ALIASES.get(_squeezed(text))) is not None:
        return alias
    code = _CODE.match(text)
    if text.isascii() and text.isdigit():
        wanted, is_code = f"EPSG:{int(text)}", True
    elif code:
        wanted, is_code = f"{code.group(1)}:{code.group(2)}".upper(), True
    else:
        wanted, is_code = text, False
    # PROJ would open whatever grid file a definition names; it also stops reading at a NUL.
    if len(text) > _LONGEST_NAME or "\0" in text or _GRID_FILE.search(text):
        raise _unknown(text)
    try:
        return _canonical(crs_of(wanted), text, code=wanted if is_code else None)
    except (CRSError, ProjError, UnicodeError, ValueError) as error:
        raise _unknown(text) from error


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text.lower())


def _canonical(crs: CRS, name: str, code: str | None) -> str:
    while crs.is_compound:
        crs, code = crs.sub_crs_list[0], None
    # Some exporters wrap shifted degrees in a WKT that has nothing but the name to tell.
    if (shifted := _ALIASES.get(_squeezed(crs.name))) in ("gcj02", "bd09"):
        return shifted
    ellipsoid = crs.ellipsoid
    if ellipsoid is None or not (crs.is_geographic or crs.is_projected):
        raise _unknown(name)
    if abs(ellipsoid.semi_major_metre / _EARTH_RADIUS_M - 1.0) > 0.01:
        raise _unknown(name, why=Text(zh="它不是地球上的坐标系", en="it is not a CRS of the Earth"))
    if len(crs.axis_info) == 3 and not crs.is_bound:
        crs, code = crs.to_2d(), None
    base = code or _identified(crs)
    try:
        transformer_of(base)
    except (CRSError, ProjError) as error:
        raise _unknown(name, why=Text(zh="PROJ 不能由它反算经纬度", en="PROJ cannot invert it")) from error
    return base


def _identified(crs: CRS) -> str:
    # A bound CRS carries its own datum shift, which its code would lose.
    authority = None if crs.is_bound else crs.to_authority(min_confidence=70)
    base = ":".join(authority) if authority else crs.to_wkt()
    return "EPSG:4326" if base == "OGC:CRS84" else base


def _unknown(name: str, why: Text | None = None) -> UnknownCrs:
    shown = name if len(name) <= 60 else name[:57] + "..."
    reason = Text(zh=f"（{why.zh}）", en=f" ({why.en})") if why else Text("", "")
    return UnknownCrs(
        Text(
            zh=f"不认识坐标系“{shown}”{reason.zh}。",
            en=f'"{shown}" is not a coordinate system that gisgrid knows{reason.en}.',
        ),
        todo=Text(
            zh="请写 EPSG 编号（如 EPSG:4490、EPSG:4550）、gcj02（高德、腾讯）、bd09（百度经纬度）或 WKT；"
            "两轴对调时加 +swapped，横坐标带带号而编号不带时加 +prefixed；不知道时写 auto。",
            en="Give an EPSG code (EPSG:4490, EPSG:4550 ...), gcj02 (Amap, Tencent), bd09 (Baidu degrees) or "
            "WKT; add +swapped if the axes are swapped, +prefixed if eastings carry a zone number that the "
            "code has not; or write auto if you do not know.",
        ),
    )


def _is_code(base: str) -> bool:
    return _CODE.match(base) is not None


@lru_cache(maxsize=4096)
def crs_of(base: str) -> CRS:
    """PROJ's object for a code or WKT."""  # 4 ms each: a search asks for hundreds, several times
    return CRS.from_user_input(base)


@lru_cache(maxsize=4096)
def transformer_of(base: str) -> Transformer:
    """From a code or WKT to WGS 84, x = longitude; from CGCS2000 to EPSG:4490."""
    source = crs_of(base)
    # CGCS2000 itself needs no datum shift, and PROJ takes 40 ms to find that out.
    target = "EPSG:4490" if datum_name(base) == "china 2000" else "EPSG:4326"
    return Transformer.from_crs(source, crs_of(target), always_xy=True)


def zone_number(base: str) -> int:
    """As `zone_of`; raises UnknownCrs where there is none."""
    zone = zone_of(base)
    if zone is None:
        raise _unknown(base + "+prefixed", why=Text(zh="它没有带号", en="it has no zone number"))
    return zone


@lru_cache(maxsize=4096)
def zone_of(base: str) -> int | None:
    """The number of a transverse Mercator zone in metres with false easting 500 km, else None.

    UTM zones count from 180° W; Gauss-Kruger zones of 3 and of 6 degrees from Greenwich.
    """
    if base in ("gcj02", "bd09"):
        return None
    operation = crs_of(base).coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    values = {parameter.name: parameter.value for parameter in operation.params}
    in_metres = all(axis.unit_name == "metre" for axis in crs_of(base).axis_info)
    if not in_metres or float(values.get("False easting", 0.0)) != 500_000.0:
        return None
    meridian, name = float(values["Longitude of natural origin"]), crs_of(base).name.lower()
    if "utm" in name:
        return round((meridian + 183.0) / 6.0)
    return round(meridian / 3.0) if re.search("3[-_ ]degree", name) else round((meridian + 3.0) / 6.0)
