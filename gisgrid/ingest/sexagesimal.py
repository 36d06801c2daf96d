"""Degrees, minutes and seconds in columns of their own, as many enterprise registers have them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

_PARTS = (("度", "分", "秒"), ("deg", "min", "sec"), ("degrees", "minutes", "seconds"), ("d", "m", "s"))
_LAST_PART = re.compile(r"(度|degrees|deg|d)([)）\]】\s°]*)$", re.IGNORECASE)


def angle_columns(columns: Sequence[str], column: str) -> tuple[str, ...]:
    """The columns that make up a coordinate: itself, and where there are, those of minutes and seconds.

    Examples
    --------
    >>> angle_columns(["经度_度", "经度_分", "经度_秒"], "经度_度")
    ('经度_度', '经度_分', '经度_秒')
    >>> angle_columns(["lon_deg", "lon_min"], "lon_deg"), angle_columns(["经度", "纬度"], "经度")
    (('lon_deg', 'lon_min'), ('经度',))
    """
    last = _LAST_PART.search(column)
    if last is None:
        return (column,)
    _, minutes, seconds = next(parts for parts in _PARTS if parts[0] == last[1].lower())
    by_name = {each.casefold(): each for each in columns}
    found = [
        by_name.get(f"{column[: last.start()]}{part}{last[2]}".casefold()) for part in (minutes, seconds)
    ]
    if found[0] is None:
        return (column,)
    return (column, *(each for each in found if each is not None))


def axis_values(rows: pd.DataFrame, column: str) -> pd.Series:
    """The values of a coordinate's column; with columns of minutes and seconds beside it, joined as text.

    Parameters
    ----------
    rows : DataFrame
        n rows.
    column : str
        The column of the coordinate, or of its degrees.

    Returns
    -------
    Series
        n numbers or texts ("122°3'12.5\\""), for `parse_coordinates`; missing where the degrees are.
    """
    names = angle_columns([str(each) for each in rows.columns], column)
    if len(names) == 1:
        return rows[column]
    joined = rows[names[0]].astype("str").str.strip() + "°"
    for name, sign in zip(names[1:], ("'", '"'), strict=False):
        part = rows[name].astype("str").str.strip()
        joined += (part + sign).where(part.notna() & part.ne(""), f"0{sign}")
    return joined.where(rows[names[0]].notna() & rows[names[0]].astype("str").str.strip().ne(""))
