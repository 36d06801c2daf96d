"""CSV as it comes."""

from __future__ import annotations

import pytest

from gisgrid.ingest.delimited import read_delimited
from gisgrid.ingest.layer import RawLayer


def read(text: str, encoding: str = "utf-8") -> RawLayer:
    return read_delimited(text.encode(encoding), encoding=None)


def rows(layer: RawLayer) -> list[tuple[str | None, ...]]:
    return list(zip(*(column.to_pylist() for column in layer.attributes.columns), strict=True))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_recognised(delimiter: str, newline: str) -> None:
    lines = ["id name lon lat", "1 甲 122.1 41.1", "2 乙 122.2 41.2"]
    layer = read(newline.join(line.replace(" ", delimiter) for line in lines))
    assert layer.attributes.column_names == ["id", "name", "lon", "lat"]
    assert rows(layer) == [("1", "甲", "122.1", "41.1"), ("2", "乙", "122.2", "41.2")]


def test_decimal_commas_are_no_delimiters() -> None:
    layer = read(
        "code;Coordonnées_X;Coordonnées_Y\n1;652 381,5;6 862 305,1\n2;652 382,5;6 862 306,1\n", "cp1252"
    )
    assert rows(layer)[0] == ("1", "652 381,5", "6 862 305,1")
    assert layer.encoding == "Windows-1252"


def test_ragged_rows_are_rejected_by_the_number_that_a_spreadsheet_shows() -> None:
    layer = read("id,lon,lat\n1,122,41\n2,122\n\n3,122,41,extra\n4,122,41,,\n")
    assert layer.row.tolist() == [2, 6]
    assert [each.row for each in layer.rejected] == [3, 5]
    assert layer.rejected[0].reason.en == "It has 2 cells where the header has 3."


def test_quoted_line_ends_stay_in_their_cell() -> None:
    layer = read('id,address,lon\n1,"兴隆台\n街道",122\n2,x,123\n')
    assert rows(layer) == [("1", "兴隆台\n街道", "122"), ("2", "x", "123")]
    assert layer.row.tolist() == [2, 3]


def test_a_quote_left_open_does_not_swallow_the_rows_after_it() -> None:
    lines = ['1,"甲,122', *(f"{number},乙,122" for number in range(2, 50))]
    layer = read("\n".join(["id,name,lon", *lines]))
    assert [row[0] for row in rows(layer)] == [str(number) for number in range(1, 50)]


def test_a_quote_left_open_that_meets_another_costs_no_row() -> None:
    layer = read('id,name,lon\n1,"甲,122\n2,乙,122\n3,"丙",122\n4,丁,122\n')
    assert [row[0] for row in rows(layer)] == ["1", "2", "3", "4"]


def test_titles_above_the_header_are_skipped_and_said() -> None:
    layer = read("盘锦市污染源台账,,\n编制单位：示例,,\n编号,经度,纬度\n1,122,41\n")
    assert layer.attributes.column_names == ["编号", "经度", "纬度"]
    assert layer.row.tolist() == [4]
    assert "row 3" in layer.notes[0].en


def test_a_register_without_any_known_name_has_its_header_in_the_first_row() -> None:
    layer = read("alpha,beta\nx,1\ny,2\n")
    assert layer.attributes.column_names == ["alpha", "beta"]
    assert layer.row.tolist() == [2, 3]


def test_columns_of_one_name_or_none_are_told_apart() -> None:
    layer = read("id,name,name,\n1,a,b,c\n")
    assert layer.attributes.column_names == ["id", "name", "name_2", "column_4"]


def test_the_line_that_names_the_delimiter_for_excel_is_no_data() -> None:
    layer = read("sep=;\nid;lon\n1;122,5\n")
    assert rows(layer) == [("1", "122,5")]


def test_empty_cells_are_null_and_zeros_in_front_stay() -> None:
    assert rows(read("code,parent\n007,\n")) == [("007", None)]


def test_zero_bytes_are_dropped() -> None:
    assert rows(read("id,lon\n1\x00,122\n")) == [("1", "122")]


def test_a_carriage_return_alone_in_a_cell_costs_at_most_its_row() -> None:
    quoted = read('id,name,lon,lat\r\n1,"\r甲",122.1,41.1\r\n2,乙,122.2,41.2\r\n')
    assert rows(quoted)[1] == ("2", "乙", "122.2", "41.2")
    bare = read("id,name,lon,lat\n1,甲\r乙,122.1,41.1\n2,乙,122.2,41.2\n")
    assert rows(bare)[-1] == ("2", "乙", "122.2", "41.2")
