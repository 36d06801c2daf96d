"""A column as text that can be compared: stripped, and whole numbers without a decimal point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_BLANKS = " \t\r\n\u00a0\u3000\ufeff"
_WHOLE_NUMBER = r"^(\d+)\.0+$"
_EXACT_INTEGERS = 1e15


def text_values(column: pd.Series) -> pd.Series:
    """A column as stripped text, <NA> where empty; 211103.0 becomes "211103".

    Examples
    --------
    >>> text_values(pd.Series([211103.0, None])).tolist()
    ['211103', nan]
    >>> text_values(pd.Series([" 211103.0", ""])).tolist()
    ['211103', nan]
    """
    if pd.api.types.is_float_dtype(column.dtype):
        return _from_floats(column)
    if not pd.api.types.is_string_dtype(column.dtype):
        return column.astype("str").where(column.notna())
    text = pa.array(column.array, pa.large_string(), from_pandas=True)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    text = pc.utf8_trim(text, _BLANKS)
    if pc.any(pc.match_substring_regex(text, _WHOLE_NUMBER)).as_py():
        text = pc.replace_substring_regex(text, _WHOLE_NUMBER, r"\1")
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.large_string()), text)
    return pd.Series(pd.array(text, dtype="str"), index=column.index)


def text_column(rows: pd.DataFrame, column: str | None) -> pd.Series:
    """A column of a table as `text_values` makes it; all missing where there is no such column."""
    if column is None:
        return pd.Series(np.nan, index=rows.index, dtype="str")
    return text_values(rows[column])


def _from_floats(column: pd.Series) -> pd.Series:
    whole = column.notna() & (column % 1 == 0) & (column.abs() < _EXACT_INTEGERS)
    text = column.astype("str")
    text[whole] = column[whole].astype("int64").astype("str")
    return text.where(column.notna())
