"""Texts that the database cannot or should not hold: said before anything is written."""

from __future__ import annotations

import hashlib

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from gisgrid.errors import InputError
from gisgrid.text import Text

MOST_CHARACTERS = 2_000
"""Longer than any name, code or basis of an ordinance; a cell that is longer is a mistake."""

_SHOWN = 30


def check_texts(frame: pd.DataFrame, file: str, *, rows: pd.Series | None = None) -> None:
    """Raise InputError at the first text with a NUL character, or of more than `MOST_CHARACTERS`.

    Parameters
    ----------
    frame : DataFrame
        Its columns of text are looked at.
    file : str
        The file's name, for the error.
    rows : Series, optional
        The file's row numbers; by default the index.
    """
    numbers = frame.index.to_series() if rows is None else rows
    for column in frame.columns:
        if not pd.api.types.is_string_dtype(frame[column].dtype):
            continue
        values = pa.array(frame[column].array, pa.large_string(), from_pandas=True)
        for bad, reason in (
            (pc.match_substring(values, "\x00"), _NUL),
            (pc.greater(pc.utf8_length(values), MOST_CHARACTERS), _LONG),
        ):
            which = pc.index(bad, True).as_py()
            if which >= 0:
                shown = str(frame[column].iloc[which])[:_SHOWN].replace("\x00", "␀")
                raise InputError(
                    reason,
                    where=f"{file}, 第 {numbers.iloc[which]} 行 row {numbers.iloc[which]}, {column}: {shown}",
                    todo=Text(
                        zh="请改正后重新导入；没有写入任何数据。",
                        en="Correct it and import again; nothing was written.",
                    ),
                )


_NUL = Text(zh="文字里有空字符（NUL）。", en="A text contains a NUL character.")
_LONG = Text(
    zh=f"文字超过 {MOST_CHARACTERS} 个字符。", en=f"A text is longer than {MOST_CHARACTERS} characters."
)


def digest(*parts: object) -> str:
    """16 hexadecimal digits that stand for these parts."""
    return hashlib.sha256("\x1f".join(str(each) for each in parts).encode()).hexdigest()[:16]
