"""The summary on the terminal says what matters, in either language."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from gisgrid.audit import Audit
from gisgrid.report.console import print_summary
from gisgrid.text import Lang


def printed(audit: Audit, lang: Lang = Lang.ZH, **options: object) -> str:
    console = Console(file=io.StringIO(), width=120, force_terminal=False)
    print_summary(audit, console, lang, **options)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_largest_gap_is_named_with_its_neighbours_and_size(audit: Audit) -> None:
    assert "辽河口生态经济区管理委员会—丙街道之间  0.09 km², 宽 95 m，1 个污染源" in printed(audit)


def test_sources_without_a_grid_are_counted_by_reason(audit: Audit) -> None:
    assert "未覆盖 2 个（区域之外 1，空白内 1）" in printed(audit)


def test_an_unresolved_crs_is_named(audit: Audit) -> None:
    assert "receptors.geojson: ? (unresolved) Two coordinate systems fit alike." in printed(audit, Lang.EN)


def test_it_fits_a_page(audit: Audit) -> None:
    assert len(printed(audit).splitlines()) <= 60


def test_an_audit_without_findings_says_so(bare_audit: Audit) -> None:
    text = printed(bare_audit, Lang.EN)
    assert "No gaps, overlaps, protrusions or mis-nesting." in text
    assert "Sources" not in text


def test_the_files_are_named(audit: Audit) -> None:
    assert "out/audit.json" in printed(audit, outputs=[Path("out/audit.json")])


def test_names_are_neither_markup_nor_escape_sequences(audit: Audit) -> None:
    names = audit.grids["name"].mask(audit.grids["name"] == "丙街道", "[red]甲[/red]\x1b[2J")
    text = printed(replace(audit, grids=audit.grids.assign(name=names)))
    assert "[red]甲[/red] [2J" in text
    assert "\x1b" not in text
