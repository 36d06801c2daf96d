"""Responsibility letters over HTTP: listed, recorded, and drawn up as documents."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import docx
import pytest
from sqlalchemy import text

from gisgrid.publication import letter_files
from gisgrid.store.database import Database
from tests.api.conftest import Clients
from tests.city import City


@pytest.fixture
def letters(city: City) -> str:
    """The address of the draft's letters."""
    return f"/api/plans/{city.draft}/letters"


def test_a_letter_is_recorded_and_no_longer_missing(as_account: Clients, letters: str) -> None:
    west = as_account("west")
    told = west.get(letters).json()
    assert told["counts"] == {"missing": 2, "expired": 0, "handed_on": 0, "signed": 1}
    new = {
        "lower": "T2",
        "signed_on": "2026-02-01",
        "valid_to": "2027-02-01",
        "number": "西环责〔2026〕2号",
        "upper_signatory": "李四",
        "lower_signatory": "=cmd|'/c calc'!A1",
        "tasks": "一\n二",
        "file": "档案室 3-12",
    }
    made = west.post(letters, json=new)
    assert made.status_code == 201, made.text
    (kept,) = made.json()["letters"]
    assert {name: kept[name] for name in new if name != "lower"} == {
        name: value for name, value in new.items() if name != "lower"
    }
    assert west.post(letters, json=new).status_code == 409
    assert west.get(letters).json()["counts"]["missing"] == 1
    gone = west.delete(f"{letters}/{kept['id']}")
    assert (gone.status_code, gone.json()["state"]) == (200, "missing")
    assert west.delete(f"{letters}/{kept['id']}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"signed_on": "2999-01-01"},
        {"signed_on": "2100-01-01"},
        {"valid_to": "2026-02-01"},
        {"signed_on": None},
        {"number": "x\ny"},
        {"number": ""},
        {"file": "x" * 201},
        {"tasks": "x" * 2_001},
        {"upper_signatory": "\x00"},
        {"upper": "CITY"},
    ],
    ids=str,
)
def test_a_letter_that_cannot_be_is_refused(as_account: Clients, letters: str, wrong: Any) -> None:
    new = {"lower": "T2", "signed_on": "2026-02-01"} | wrong
    refused = as_account("west").post(letters, json=new)
    assert refused.status_code in (400, 422), refused.text
    assert refused.json()["todo"]


@pytest.mark.parametrize("lower", ["T3", "NOWHERE", "CITY", "KEY", "x\x00"])
def test_a_letter_of_a_grid_that_is_not_below_ones_own_is_not_recorded(
    as_account: Clients, letters: str, lower: str
) -> None:
    answer = as_account("west").post(letters, json={"lower": lower, "signed_on": "2026-02-01"})
    assert answer.status_code == 404


def test_a_neighbours_letter_is_not_removed(as_account: Clients, letters: str) -> None:
    made = as_account("planner").post(letters, json={"lower": "T3", "signed_on": "2026-02-01"}).json()
    assert as_account("west").delete(f"{letters}/{made['letters'][0]['id']}").status_code == 404
    assert as_account("approver").delete(f"{letters}/{made['letters'][0]['id']}").status_code == 403


@pytest.mark.parametrize(
    ("lang", "title", "name"),
    [
        ("zh", "环境监管责任状", "责任状-西县-一镇.docx"),
        ("en", "Environmental Supervision Responsibility Letter", "letter-西县-一镇.docx"),
    ],
)
def test_a_letter_is_drawn_up_in_either_language(
    as_account: Clients, letters: str, lang: str, title: str, name: str
) -> None:
    answer = as_account("west").get(f"{letters}/T1/draft.docx?lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].endswith("wordprocessingml.document")
    assert answer.headers["cache-control"] == "private, no-store"
    assert unquote(answer.headers["content-disposition"]).endswith(name)
    assert docx.Document(BytesIO(answer.content)).paragraphs[0].text == title


def test_a_language_that_is_none_is_refused(as_account: Clients, letters: str) -> None:
    assert as_account("west").get(f"{letters}/T1/draft.docx?lang=xx").status_code == 400


def test_a_hostile_name_neither_breaks_the_letter_nor_the_answer(
    as_account: Clients, letters: str, database: Database
) -> None:
    with database.operating() as session:
        session.execute(
            text(
                "UPDATE gisgrid.grid SET name = :name WHERE uid = 'T1' AND plan_id ="
                " (SELECT id FROM gisgrid.plan WHERE state = 'draft')"
            ),
            {"name": 'a\r\nX-Evil: 1\x0b</w:t>\u202e"/../𠮷'},
        )
    answer = as_account("west").get(f"{letters}/T1/draft.docx")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers
    assert 'a X-Evil: 1</w:t>"/../𠮷' in docx.Document(BytesIO(answer.content)).core_properties.title


def test_all_letters_that_are_missing_come_in_one_archive(as_account: Clients, letters: str) -> None:
    planner = as_account("planner")
    answer = planner.get(f"{letters}/missing.zip?upper=CITY")
    assert answer.status_code == 200
    with zipfile.ZipFile(BytesIO(answer.content)) as pack:
        assert pack.namelist() == ["001-责任状-示例市-西县.docx", "002-责任状-示例市-东县.docx"]
    west = planner.get(f"{letters}/missing.zip?upper=WEST&lang=en")
    with zipfile.ZipFile(BytesIO(west.content)) as pack:  # T1 has signed
        assert pack.namelist() == ["001-letter-西县-二镇.docx"]


@pytest.mark.parametrize("upper", ["EAST", "T1", "NOWHERE", "%00"])
def test_there_is_no_archive_of_what_one_may_not_see(as_account: Clients, letters: str, upper: str) -> None:
    assert as_account("west").get(f"{letters}/missing.zip?upper={upper}").status_code == 404


def test_an_archive_has_a_limit(as_account: Clients, letters: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.letter_documents.MOST_AT_ONCE", 1)
    assert letter_files.MOST_AT_ONCE == 100
    refused = as_account("planner").get(f"{letters}/missing.zip?upper=CITY")
    assert refused.status_code == 422
    assert "2" in refused.json()["detail"]
