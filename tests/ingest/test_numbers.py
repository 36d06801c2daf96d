"""Coordinates as people write them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.ingest.numbers import is_blank, parse_coordinates, split_pairs

DEGREES = 122 + 3 / 60 + 12.5 / 3600


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("122.05", 122.05),
        ("+122.05", 122.05),
        (" 122.05 ", 122.05),
        ("122.05,", 122.05),
        ("122.05，", 122.05),
        ("122,05", 122.05),
        ("１２２．０５", 122.05),
        ("122.05°", 122.05),
        ("122.05度", 122.05),
        ("122.05E", 122.05),
        ("E122.05", 122.05),
        ("东经122.05", 122.05),
        ("东经：122.05°", 122.05),
        ("122.05W", -122.05),
        ("西经122.05°", -122.05),
        ("S 41.5", -41.5),
        ("-122.05", -122.05),
        ("1.2205e2", 122.05),
        ("652 381,5", 652381.5),
        ("6\u202f862\u202f305,1", 6862305.1),
        ("6,862,305.1", 6862305.1),
        ("6.862.305,1", 6862305.1),
        ("122°03'12.5\"E", DEGREES),
        ("122°03′12.5″E", DEGREES),
        ("122º03’12.5”", DEGREES),
        ("122˚ 03' 12.5''", DEGREES),
        ("E122°03'12.5\"", DEGREES),
        ("东经122°3′12.5″", DEGREES),
        ("122度3分12.5秒", DEGREES),
        ("１２２度３分１２．５秒", DEGREES),
        ("122 03 12.5", DEGREES),
        ("122-03-12.5", DEGREES),
        ("122:03:12.5", DEGREES),
        ("122.03.12.5", DEGREES),
        ("122d03m12.5s", DEGREES),
        ("122°03'12.5\"W", -DEGREES),
        ("-122°03'12.5\"", -DEGREES),
        ("122°03.2083333333'", DEGREES),
    ],
)
def test_a_coordinate_is_read_as_written(written: str, value: float) -> None:
    assert parse_coordinates(pd.Series([written]))[0] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "无",
        "abc",
        "122°75'00\"",
        "122°03'99\"",
        "12 企业",
        "1,2,3",
        "E122.05W",
        "0x10",
        "1_000",
        "..",
        "°",
    ],
)
def test_what_is_no_number_is_nan(written: str) -> None:
    assert math.isnan(parse_coordinates(pd.Series([written]))[0])


def test_infinity_is_told_from_what_is_no_number() -> None:
    assert parse_coordinates(pd.Series(["inf", "-Infinity"])).tolist() == [math.inf, -math.inf]


def test_a_comma_before_three_digits_is_a_decimal_comma_in_degrees() -> None:
    assert parse_coordinates(pd.Series(["122,053", "121,5"])).tolist() == [122.053, 121.5]


def test_a_comma_before_three_digits_is_for_thousands_in_metres() -> None:
    assert parse_coordinates(pd.Series(["862,305", "12,305"])).tolist() == [862305, 12305]


def test_numbers_pass_through() -> None:
    assert parse_coordinates(pd.Series([1, 2], dtype="Int64")).tolist() == [1, 2]
    assert np.isnan(parse_coordinates(pd.Series([None], dtype="Int64"))[0])


@given(st.floats(-180, 180), st.integers(0, 12))
def test_a_printed_number_reads_as_itself_with_either_decimal_sign(value: float, digits: int) -> None:
    written = f"{value:.{digits}f}"
    both = pd.Series([written, written.replace(".", ",")])
    assert parse_coordinates(both).tolist() == [float(written)] * 2


@given(st.integers(0, 179), st.integers(0, 59), st.floats(0, 59.99))
def test_degrees_minutes_seconds_add_up(degrees: int, minutes: int, seconds: float) -> None:
    written = f"{degrees}°{minutes:02d}′{seconds:05.2f}″"
    expected = degrees + minutes / 60 + round(seconds, 2) / 3600
    assert parse_coordinates(pd.Series([written]))[0] == pytest.approx(expected, abs=1e-9)


def test_signs_for_nothing_are_blank() -> None:
    assert is_blank(pd.Series([None, "", " ", "-", "无", "NULL", "n/a", "0", "122.05", "abc"])).tolist() == [
        *[True] * 7,
        *[False] * 3,
    ]


@pytest.mark.parametrize(
    "written", ["122.07,41.12", "122.07，41.12", "(122.07 41.12)", "POINT (122.07 41.12)"]
)
def test_pairs_are_split(written: str) -> None:
    first, second = split_pairs(pd.Series([written]))
    assert (first[0], second[0]) == ("122.07", "41.12")
