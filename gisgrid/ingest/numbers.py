"""Coordinates as people write them: decimals, decimal commas, degrees-minutes-seconds, full-width digits."""

from __future__ import annotations

import math
import re
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

_PLACEHOLDERS = frozenset(
    {"", "-", "--", "/", "\\", "无", "暂无", "不详", "未知", "null", "none", "na", "n/a", "nan", "#n/a"}
)
_LONGEST_PLACEHOLDER = 4 + 4  # with some blanks around it
_HEMISPHERE = r"(?P<{0}>[NSEWO]|东经|西经|北纬|南纬|[东西南北])"
_ANGLE = re.compile(
    rf"^{_HEMISPHERE.format('before')}?\s*[:]?\s*(?P<sign>[+-]?)"
    r"(?P<d>\d{1,3}(?:\.\d+)?)\s*(?:[°º˚度d:]|\s|-)\s*"
    r"(?P<m>\d{1,2}(?:\.\d+)?)\s*(?:['′’‘分m:]|\s|-|$)\s*"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[\"″”“秒s]|''|′′|’’)?)?\s*"
    rf"{_HEMISPHERE.format('after')}?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"^{_HEMISPHERE.format('before')}?\s*[:]?\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*"
    rf"(?:[°º˚度]|deg|m|米)?\s*{_HEMISPHERE.format('after')}?$",
    re.IGNORECASE,
)
_INFINITE = re.compile(r"^[+-]?inf(?:inity)?$", re.IGNORECASE)
_DOTTED_ANGLE = re.compile(r"^(\d{1,3})\.(\d{1,2})\.(\d{1,2}(?:\.\d+)?)$")
_COMMA_DECIMAL = re.compile(r"^([+-]?\d+),(\d+)$")
_KEPT_SIGNS = str.maketrans({"º": "°", "˚": "°", "″": '"'})  # NFKC would tear these apart
_TRAILING = re.compile(r"[,，;；、。]+$")


def parse_coordinates(values: pd.Series) -> NDArray[np.float64]:
    """Coordinates of one axis as numbers.

    Parameters
    ----------
    values : Series
        n numbers or texts: 122.05, "122,05", "122.05,", "１２２.05", "122°03'12\\"E", "东经122度3分12秒",
        "122-03-12", "862 305,4".

    Returns
    -------
    ndarray of n float64
        Degrees or whatever unit the column is in; west and south negative; NaN
        where it is no number; infinite where it says so.

    Examples
    --------
    >>> parse_coordinates(pd.Series(["122°03'36\\"E", "122,06", "１２２.06,", "n/a"])).tolist()
    [122.06, 122.06, 122.06, nan]
    """
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    text = values.astype("str")
    if (plain := _parse_plain(text)) is not None:
        return plain
    parsed = np.array(pd.to_numeric(text, errors="coerce"), dtype=np.float64)
    odd = np.flatnonzero(np.isnan(parsed) & values.notna().to_numpy())
    if odd.size:
        written, which = np.unique(text.iloc[odd].to_numpy(dtype=object).astype(str), return_inverse=True)
        thousands = _commas_are_thousands(written)
        parsed[odd] = np.array([_parse_one(each, thousands) for each in written])[which]
    return parsed


def _parse_plain(text: pd.Series) -> NDArray[np.float64] | None:
    """The numbers of a column that holds nothing but plain decimals; None of any other, which costs more."""
    try:
        numbers = pa.array(text.array, pa.large_string(), from_pandas=True).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def is_blank(values: pd.Series) -> NDArray[np.bool_]:
    """Whether there is nothing, or one of the signs that people write for nothing."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.isna().to_numpy()
    short = values.isna() | (values.astype("str").str.len() <= _LONGEST_PLACEHOLDER)
    blank = values.isna().to_numpy(dtype=bool, copy=True)
    at = np.flatnonzero(short)
    blank[at] |= (
        values.iloc[at].astype("str").str.strip().str.lower().isin(_PLACEHOLDERS).to_numpy(dtype=bool)
    )
    return blank


def split_pairs(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The two halves of pairs such as "122.07,41.12", "(122.07 41.12)" or "POINT(122.07 41.12)"."""
    bare = values.astype("str").str.normalize("NFKC").str.strip()
    bare = bare.str.replace(r"^\s*POINT\s*", "", regex=True, case=False).str.strip("()[]{} ")
    halves = bare.str.extract(r"^([^,;、\s]+)\s*[,;、\s]\s*([^,;、\s]+)$")
    return halves[0], halves[1]


def _commas_are_thousands(written: NDArray[np.str_]) -> bool:
    """Whether "862,305" in this column is 862305: always three digits, and too large for degrees.

    A comma that is both is a decimal comma.
    """
    matches = [_COMMA_DECIMAL.match(_cleaned(each)) for each in written]
    found = [each for each in matches if each]
    return (
        bool(found)
        and all(len(each[2]) == 3 for each in found)
        and any(abs(int(each[1])) > 180 for each in found)
    )


def _cleaned(text: str) -> str:
    return _TRAILING.sub("", unicodedata.normalize("NFKC", text.translate(_KEPT_SIGNS)).strip()).strip()


def _parse_one(text: str, commas_are_thousands: bool) -> float:
    text = _cleaned(text)
    if _INFINITE.match(text):
        return -math.inf if text.startswith("-") else math.inf
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", "" if commas_are_thousands else ".")
    elif "," in text and text.rfind(",") < text.rfind("."):
        text = text.replace(",", "")  # 6,862,305.1
    elif "," in text and text.count(",") == 1:
        text = text.replace(".", "").replace(",", ".")  # 6.862.305,1
    number = _NUMBER.match(re.sub(r"(?<=\d)[ \u202f\xa0](?=\d{3}(?!\d))", "", text))
    if number:
        return _signed(float(number["number"]), number["before"], number["after"])
    return _parse_angle(text)


def _parse_angle(text: str) -> float:
    dotted = _DOTTED_ANGLE.match(text)
    if dotted:
        return _angle(float(dotted[1]), float(dotted[2]), float(dotted[3]))
    angle = _ANGLE.match(text)
    if not angle:
        return math.nan
    value = _angle(float(angle["d"]), float(angle["m"]), float(angle["s"] or 0))
    return _signed(-value if angle["sign"] == "-" else value, angle["before"], angle["after"])


def _angle(degrees: float, minutes: float, seconds: float) -> float:
    if minutes >= 60 or seconds >= 60:
        return math.nan
    return degrees + minutes / 60 + seconds / 3600


def _signed(value: float, before: str | None, after: str | None) -> float:
    hemisphere = (before or after or "").upper()
    if before and after and before.upper() != after.upper():
        return math.nan
    return -abs(value) if hemisphere.startswith(("S", "W", "O", "西", "南")) else value
