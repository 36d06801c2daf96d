"""UTF-8 strictly, then GB18030 where plausible, then Windows-1252."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.errors import InputError
from gisgrid.ingest.encoding import choose_encoding, decode, known_encoding, require_encoding

CHINESE = "编号,名称\n1,盘锦市兴隆台区\n2,辽河口生态经济区\n"
FRENCH = "code,libellé\n1,Préfecture de Nîmes\n2,Façade maritime à l'été\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(CHINESE, "utf-8"), (CHINESE, "gb18030"), (FRENCH, "utf-8"), (FRENCH, "cp1252"), ("plain", "utf-8")],
)
def test_text_is_decoded_without_a_declaration(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_decides_and_is_gone(encoding: str) -> None:
    assert decode(CHINESE.encode(encoding)).text == CHINESE


def test_rare_characters_of_gb18030_do_not_mislead() -> None:
    assert decode("1,盘锦市㐂㐃镕堃\n".encode("gb18030")).text == "1,盘锦市㐂㐃镕堃\n"


def test_a_line_in_another_encoding_is_decoded_on_its_own() -> None:
    content = CHINESE.encode() + "3,大洼区\n".encode("gb18030")
    assert decode(content) == (CHINESE + "3,大洼区\n", "utf-8", 1)


def test_a_damaged_character_costs_itself_only() -> None:
    content = CHINESE.encode("gb18030") + b"3,\xff\xff\n"
    decoded = decode(content)
    assert decoded.text.startswith(CHINESE)
    assert (decoded.encoding, decoded.damaged_lines) == ("gb18030", 1)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40))
def test_utf_8_is_never_taken_for_gb18030(text: str) -> None:
    assert decode(text.encode()).text == text


@given(
    st.text(
        "盘锦市兴隆台区双台子大洼县辽河口生态经济企业有限公司化工石油污水处理厂学校医院",
        min_size=2,
        max_size=40,
    )
)
def test_everyday_chinese_in_gb18030_is_read_right(text: str) -> None:
    decoded = decode(text.encode("gb18030"))
    assert decoded.text == text or decoded.encoding == "utf-8"  # a few short texts are valid UTF-8 too


@pytest.mark.parametrize(
    ("declared", "encoding", "chosen"),
    [
        ("utf-8", "gb18030", "gb18030"),
        ("gb18030", "utf-8", "utf-8"),
        ("iso8859-1", "gb18030", "gb18030"),
        ("iso8859-1", "utf-8", "utf-8"),
        ("cp950", "big5", "cp950"),
        (None, "gb18030", "gb18030"),
    ],
)
def test_a_declaration_must_be_borne_out(declared: str | None, encoding: str, chosen: str) -> None:
    text = "臺北市" if encoding == "big5" else "兴隆台街道办事处"
    samples = [text.encode(encoding)]
    if (declared, encoding) == ("gb18030", "utf-8"):
        samples = ["兴隆台街".encode() + b" " + "街道办".encode()]
    assert choose_encoding(samples, declared) == chosen


def test_a_single_byte_declaration_is_believed_of_western_text() -> None:
    assert choose_encoding(["Préfecture".encode("latin-1")], "iso8859-1") == "iso8859-1"


def test_a_value_cut_off_within_a_character_does_not_mislead() -> None:
    assert choose_encoding(["兴隆台街道".encode()[:-1]]) == "utf-8"
    assert choose_encoding(["兴隆台街道".encode("gb18030")[:-1]]) == "gb18030"


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("UTF-8", "utf-8"),
        ("65001", "utf-8"),
        ("GBK", "gb18030"),
        ("936", "gb18030"),
        ("OEM 936", "gb18030"),
        ("ANSI 1252", "cp1252"),
        ("88591", "iso8859-1"),
        ("big5\x00", "big5"),
        ("rot13", None),
        ("base64", None),
        ("", None),
    ],
)
def test_code_pages_are_known_by_the_names_that_software_writes(name: str, python: str | None) -> None:
    assert known_encoding(name) == python


def test_a_name_that_is_no_encoding_is_an_error() -> None:
    with pytest.raises(InputError, match="Klingon"):
        require_encoding("Klingon")
