"""The folder of results is whole, or as it was."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gisgrid.audit import Audit
from gisgrid.errors import OutputError
from gisgrid.report import contract, folder
from gisgrid.text import Lang

FILES = ["audit.gpkg", "audit.xlsx", "map.html", "audit.json"]

FILL = """
import resource, sys
from pathlib import Path
from gisgrid.errors import OutputError
from gisgrid.report.folder import write
from gisgrid.text import Lang
from tests.report.example import full_audit
audit = full_audit()
for size in sys.argv[2:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), resource.RLIM_INFINITY))
    try:
        write(audit, Path(sys.argv[1]), lang=Lang.ZH)
    except OutputError as error:
        print(size, error.what.en)
"""
"""A limit on the size of files is a full disk to GDAL, SQLite and Python alike, and to root as well."""


def fill(target: Path, *limits_bytes: int) -> list[str]:
    """Write the example with room for files of so many bytes; what was said each time."""
    ran = subprocess.run(
        [sys.executable, "-c", FILL, str(target), *map(str, limits_bytes)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    return ran.stdout.splitlines()


def names(path: Path) -> set[str]:
    return {each.name for each in path.iterdir()}


def test_all_outputs_are_written_audit_json_last(audit: Audit, tmp_path: Path) -> None:
    written = folder.write(audit, tmp_path / "made" / "deep", lang=Lang.ZH)
    assert [each.name for each in written] == FILES
    assert names(tmp_path / "made" / "deep") == set(FILES)
    assert json.loads(written[-1].read_text("utf-8")) == contract.summary(audit)


def test_a_bare_audit_is_written_too(bare_audit: Audit, tmp_path: Path) -> None:
    folder.write(bare_audit, tmp_path, lang=Lang.EN)
    assert names(tmp_path) == set(FILES)


def test_progress_ends_at_one(audit: Audit, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    folder.write(audit, tmp_path, lang=Lang.ZH, progress=lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_earlier_audit_is_replaced(audit: Audit, bare_audit: Audit, tmp_path: Path) -> None:
    folder.write(audit, tmp_path, lang=Lang.ZH)
    folder.write(bare_audit, tmp_path, lang=Lang.ZH)
    assert json.loads((tmp_path / "audit.json").read_text("utf-8")) == contract.summary(bare_audit)
    assert names(tmp_path) == set(FILES)


def test_a_full_disk_leaves_earlier_results_and_nothing_else(audit: Audit, tmp_path: Path) -> None:
    folder.write(audit, tmp_path, lang=Lang.ZH)
    before = {file: (tmp_path / file).read_bytes() for file in FILES}
    assert len(before["map.html"]) > 150_000
    limits = [1_000, 10_000, 60_000, 150_000, len(before["audit.gpkg"]) - 1]
    assert len(fill(tmp_path, *limits)) == len(limits)
    assert names(tmp_path) == set(FILES)
    assert {file: (tmp_path / file).read_bytes() for file in FILES} == before


def test_a_full_disk_leaves_no_new_folder(tmp_path: Path) -> None:
    assert len(fill(tmp_path / "a" / "b", 1_000)) == 1
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "disk is full"), (errno.EACCES, "may not be written")],
)
def test_an_error_says_what_to_do(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setitem(folder._WRITERS, "audit.json", fail)
    with pytest.raises(OutputError, match=said) as caught:
        folder.write(audit, tmp_path, lang=Lang.ZH)
    assert "--out" in caught.value.todo.zh
    assert str(tmp_path) not in str(caught.value)
    assert names(tmp_path) == set()


def test_a_file_in_the_way_is_an_output_error(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("I am a file")
    with pytest.raises(OutputError, match="in the way"):
        folder.write(audit, tmp_path / "out", lang=Lang.ZH)
    assert (tmp_path / "out").read_text() == "I am a file"


def test_a_folder_in_the_place_of_a_file_leaves_the_others_as_they_were(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "audit.gpkg").write_text("earlier")
    (tmp_path / "audit.json").mkdir()
    with pytest.raises(OutputError, match="in the way"):
        folder.write(audit, tmp_path, lang=Lang.ZH)
    assert names(tmp_path) == {"audit.gpkg", "audit.json"}
    assert (tmp_path / "audit.gpkg").read_text() == "earlier"


def test_a_bug_is_not_disguised_as_a_full_disk(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(folder._WRITERS, "map.html", fail)
    with pytest.raises(ZeroDivisionError):
        folder.write(audit, tmp_path, lang=Lang.ZH)
    assert names(tmp_path) == set()
