"""Division codes and credit codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.codes import canonical, is_credit_code, same_code, significant_prefix

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
VALID = "91350100M000100Y43"


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("21", "21"),
        ("2100", "21"),
        ("210000", "21"),
        ("211100", "2111"),
        ("211103", "211103"),
        ("211103002", "211103002"),
        ("211103000", "211103"),
        ("211103002000", "211103002"),
        ("211103002010", "211103002010"),
        ("211100000000", "2111"),
        ("110100", "1101"),
        ("211120", "211120"),
        ("75056", "75056"),
        ("44007442826", "44007442826"),
        ("PJ-01", "PJ-01"),
        ("000000", "00"),
        ("", ""),
    ],
)
def test_the_zeros_of_lower_levels_are_not_significant(code: str, prefix: str) -> None:
    assert significant_prefix(code) == prefix


def test_codes_differ_when_more_than_their_zeros_differ() -> None:
    assert same_code("211103", "211103000")
    assert same_code("211103.0", "２１１１０３")
    assert not same_code("211103", "211104")
    assert not same_code("211103", "211103001")
    assert not same_code("75056", "75056000")


@given(st.sampled_from([2, 4, 6, 9]).flatmap(lambda n: st.from_regex(rf"[1-9]{{{n}}}", fullmatch=True)))
def test_padding_never_changes_a_division(code: str) -> None:
    padded = code.ljust(12, "0")
    assert significant_prefix(padded) == code
    assert same_code(code, padded)


@given(st.text("0123456789.０１２Ａabcxyz -_　网格", max_size=20))
def test_canonical_codes_stay_as_they_are(code: str) -> None:
    assert canonical(canonical(code)) == canonical(code)


def test_a_credit_code_is_checked() -> None:
    assert is_credit_code(VALID)
    assert is_credit_code(VALID.lower())
    assert not is_credit_code(VALID[:-1])
    assert not is_credit_code("I" + VALID[1:])
    assert not is_credit_code("")


@given(st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_of_a_credit_code_is_found(place: int, letter: str) -> None:
    wrong = VALID[:place] + letter + VALID[place + 1 :]
    assert is_credit_code(wrong) == (wrong == VALID)
