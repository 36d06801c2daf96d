"""The one-page summary of an audit on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from gisgrid.audit import Audit
from gisgrid.crs.verdict import CrsStatus
from gisgrid.frames import FindingKind, SizeClass
from gisgrid.report.contract import input_files, ring_name
from gisgrid.report.tables import finding_table
from gisgrid.report.words import CRS_STATES, KINDS, SIZES, area_words, length_words, level_name
from gisgrid.text import Lang, Text

WORST: Final = 5
"""Gaps that are named one by one."""


def print_summary(audit: Audit, console: Console, lang: Lang, *, outputs: Sequence[Path] = ()) -> None:
    """Print what was found, on one page.

    Parameters
    ----------
    audit : Audit
    console : Console
    lang : Lang
    outputs : sequence of Path, optional
        Where the results are.

    Notes
    -----
    Names come from users' files: they are printed as plain text, never as
    markup, and without control characters.
    """
    _Page(audit, console, lang).print(outputs)


class _Page:
    def __init__(self, audit: Audit, console: Console, lang: Lang) -> None:
        self.audit = audit
        self.console = console
        self.lang = lang
        self.findings = finding_table(audit, lang)

    def print(self, outputs: Sequence[Path]) -> None:
        self._levels()
        self._coverage()
        self._worst_gaps()
        self._sources()
        self._surroundings()
        self._rows_not_used()
        self._crs()
        self._outputs(outputs)

    def _say(self, zh: str, en: str) -> str:
        return Text(zh=zh, en=en).of(self.lang)

    def _line(self, text: str, style: str = "") -> None:
        self.console.print(Line(_printable(text), style=style), soft_wrap=True)

    def _heading(self, zh: str, en: str) -> None:
        self.console.print()
        self._line(self._say(zh, en), "bold")

    def _table(self, *columns: tuple[str, str]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for at, (zh, en) in enumerate(columns):
            table.add_column(Line(self._say(zh, en)), justify="left" if at == 0 else "right")
        return table

    def _levels(self) -> None:
        self._line(self._say("网格覆盖审计", "Grid coverage audit"), "bold")
        table = self._table(("级别", "Level"), ("网格", "Grids"), ("面积", "Area"), ("无效图形", "Invalid"))
        for level in self.audit.levels:
            name = level_name(level.level).of(self.lang)
            table.add_row(
                Line(_printable(f"{name}  {level.label or level.source.file}")),
                f"{level.grids:,}",
                area_words(level.area_m2),
                f"{len(level.source.mended):,}",
            )
        self.console.print(table)
        for level in self.audit.levels:
            if level.duplicate_codes:
                codes = ", ".join(level.duplicate_codes[:8])
                self._line(
                    self._say(
                        f"{level_name(level.level).zh}有重复编号：{codes}",
                        f"Duplicate codes at level {level.level}: {codes}",
                    ),
                    "yellow",
                )

    def _coverage(self) -> None:
        self._heading("覆盖检查", "Coverage")
        sizes = [SizeClass.REAL, SizeClass.STRIP, SizeClass.SLIVER]
        heads = [(SIZES[size].zh, SIZES[size].en) for size in sizes]
        table = self._table(("类型", "Kind"), ("处", "Count"), ("面积", "Area"), *heads)
        for coverage in self.audit.coverage:
            if coverage.findings.empty:
                continue
            for kind, look in KINDS.items():
                found = coverage.findings[coverage.findings["kind"] == kind]
                if found.empty:
                    continue
                level = level_name(coverage.child_level).of(self.lang)
                table.add_row(
                    Line(f"{level}  {look.name.of(self.lang)}", style=look.colour),
                    f"{len(found):,}",
                    area_words(float(found["area_m2"].sum())),
                    *(f"{int((found['size_class'] == size).sum()):,}" for size in sizes),
                )
        if table.row_count:
            self.console.print(table)
        else:
            self._line(
                self._say(
                    "没有发现空白、重叠、越界和错属。", "No gaps, overlaps, protrusions or mis-nesting."
                ),
                "green",
            )
        self._beside_findings()

    def _beside_findings(self) -> None:
        for coverage in self.audit.coverage:
            level = level_name(coverage.child_level)
            if coverage.undivided:
                count = len(coverage.undivided)
                self._line(
                    self._say(
                        f"{count} 个上级网格尚未划分{level.zh}。", f"Parents without any {level.en}: {count}."
                    )
                )
            if not coverage.edge_matched:
                count = len(coverage.edge_mismatches)
                metres = length_words(float(coverage.edge_mismatches["length_m"].sum()))
                self._line(
                    self._say(
                        f"{level.zh}有 {count:,} 段边界节点不一致，共 {metres}（不是空白）。",
                        f"{level.en}: edges that lack each other's vertices: {count:,}, {metres} (no gaps).",
                    )
                )
            if coverage.allowed_area_m2:
                area = area_words(coverage.allowed_area_m2)
                self._line(self._say(f"允许空白 {area}，未计入。", f"Allowed gaps, not counted: {area}."))

    def _worst_gaps(self) -> None:
        gaps = self.findings[self.findings["kind"] == FindingKind.GAP]
        if gaps.empty:
            return
        self._heading("最大的空白", "Largest gaps")
        for row in gaps.sort_values("area_m2", ascending=False).head(WORST).itertuples():
            inside = (
                ""
                if self.audit.sources is None
                else self._say(f"，{row.sources} 个污染源", f", sources inside: {row.sources}")
            )
            size = self._say(f"宽 {length_words(row.width_m)}", f"{length_words(row.width_m)} wide")
            self._line(
                f"  {row.place}  {area_words(row.area_m2)}, {size}{inside}  ({row.lon:.4f}, {row.lat:.4f})"
            )

    def _sources(self) -> None:
        report = self.audit.sources
        if report is None:
            return
        self._heading("污染源", "Sources")
        located, missing = len(report.frame), len(report.uncovered)
        reason = report.uncovered["reason"]
        outside, gap = int((reason == "outside").sum()), int((reason == "gap").sum())
        self._line(
            self._say(
                f"  {report.rows:,} 行，定位 {located:,} 个，已覆盖 {located - missing:,} 个",
                f"  {report.rows:,} rows, {located:,} located, {located - missing:,} covered",
            )
        )
        self._line(
            self._say(
                f"  未覆盖 {missing:,} 个（区域之外 {outside:,}，空白内 {gap:,}）",
                f"  {missing:,} uncovered ({outside:,} outside the region, {gap:,} in gaps)",
            ),
            "red" if missing else "green",
        )
        self._doubts()

    def _doubts(self) -> None:
        report = self.audit.sources
        if report is None:
            return
        location = report.frame["location"]
        counts = [
            ((location == "swapped").sum(), "经纬度颠倒已更正", "lon/lat swapped, corrected"),
            ((location == "ambiguous").sum(), "经纬度次序存疑", "order ambiguous"),
            (len(report.stacks), "处堆叠", "stacks"),
            (len(report.stated_elsewhere), "不在所填网格内", "outside their stated grid"),
            (len(report.duplicate_ids), "编号重复", "with a duplicate id"),
        ]
        doubts = [f"{int(count):,} {self._say(zh, en)}" for count, zh, en in counts if count]
        if doubts:
            self._line("  " + self._say("；", "; ").join(doubts))

    def _surroundings(self) -> None:
        report = self.audit.surroundings
        if report is None:
            return
        self._heading("周边敏感目标", "Surroundings")
        reached: pd.Series = report.around.groupby("ring_m")["source"].nunique()
        for ring in report.rings_m:
            count = int(reached.get(ring, 0))
            self._line(
                self._say(
                    f"  {ring_name(ring)} m 内有敏感目标的污染源 {count:,} 个",
                    f"  {count:,} sources with receptors within {ring_name(ring)} m",
                )
            )

    def _rows_not_used(self) -> None:
        rejected = [
            (report.file, report.rejected) for _, report in input_files(self.audit) if report.rejected
        ]
        if not rejected:
            return
        self._heading("未采用的行", "Rows not used")
        for file, rows in rejected:
            first = rows[0]
            self._line(
                self._say(
                    f"  {file}：{len(rows):,} 行，如第 {first.row} 行：{first.reason.zh}",
                    f"  {file}: {len(rows):,} rows, as row {first.row}: {first.reason.en}",
                ),
                "yellow",
            )

    def _crs(self) -> None:
        if not self.audit.evidence:
            return
        self._heading("坐标系", "Coordinate systems")
        suspect = {CrsStatus.BY_FORMAT, CrsStatus.UNRESOLVED}
        for file, verdict in self.audit.evidence:
            status = CRS_STATES[verdict.status].of(self.lang)
            self._line(
                f"  {file}: {verdict.crs or '?'} ({status}) {verdict.evidence.of(self.lang)}",
                "yellow" if verdict.status in suspect else "",
            )

    def _outputs(self, outputs: Sequence[Path]) -> None:
        if not outputs:
            return
        self._heading("结果", "Results")
        for path in outputs:
            self._line(f"  {path}")


def _printable(text: str) -> str:
    """Without control characters, which a terminal would obey."""
    return "".join(each if each.isprintable() else " " for each in text)
