"""Codes of the field: administrative divisions (GB/T 2260, GB/T 10114) and credit codes (GB 32100-2015)."""

from __future__ import annotations

import re
import unicodedata

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 1: without I, O, S, V, Z."""

_CREDIT_LENGTH = 18
_DIGITS = re.compile(r"^\d+$")


def canonical(code: str) -> str:
    """A code as gisgrid compares it: half-width, without spaces, without a spreadsheet's decimals.

    Examples
    --------
    >>> canonical(" 211103.0 "), canonical("２１１１０３"), canonical("2111 03"), canonical("pj-01")
    ('211103', '211103', '211103', 'PJ-01')
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(code)).upper())
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def significant_prefix(code: str) -> str:
    """A division code without the zeros that fill the levels below it.

    Two digits each for province, city and county, three each for township and
    village (GB/T 2260 with GB/T 10114; the statistical 12-digit codes). Codes
    of other lengths or with letters are returned as they are.

    Examples
    --------
    >>> significant_prefix("211100"), significant_prefix("211103"), significant_prefix("211103002000")
    ('2111', '211103', '211103002')
    >>> significant_prefix("210000"), significant_prefix("21"), significant_prefix("PJ-01")
    ('21', '21', 'PJ-01')
    """
    code = canonical(code)
    if not _DIGITS.match(code) or len(code) not in (2, 4, 6, 9, 12):
        return code
    ends = [end for end in (2, 4, 6, 9, 12) if end <= len(code)]
    for end, coarser in zip(reversed(ends[1:]), reversed(ends[:-1]), strict=True):
        if code[coarser:end].strip("0"):
            return code[:end]
    return code[:2]


def same_code(a: str, b: str) -> bool:
    """Whether two codes name the same division or grid, apart from zeros that fill up lower levels.

    Examples
    --------
    >>> same_code("211103", "211103000000"), same_code("2111", "211100"), same_code("211103", "211104")
    (True, True, False)
    """
    return canonical(a) == canonical(b) or significant_prefix(a) == significant_prefix(b)


def is_credit_code(code: str) -> bool:
    """Whether a text is a unified social credit code with a correct check character (GB 32100-2015, annex A).

    Examples
    --------
    >>> is_credit_code("91350100M000100Y43"), is_credit_code("91350100M000100Y44"), is_credit_code("9135")
    (True, False, False)
    """
    code = canonical(code)
    if len(code) != _CREDIT_LENGTH or any(each not in _CREDIT_ALPHABET for each in code):
        return False
    total = sum(
        _CREDIT_ALPHABET.index(each) * pow(3, place, 31)
        for place, each in enumerate(code[: _CREDIT_LENGTH - 1])
    )
    return _CREDIT_ALPHABET[-total % 31] == code[-1]
