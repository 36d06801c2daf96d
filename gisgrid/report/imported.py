"""What an import did, for the console and for scripts."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table

from gisgrid.frames import Rejected
from gisgrid.importing.outcome import Outcome
from gisgrid.text import Lang, Text

_KINDS = {
    "grids": Text(zh="网格", en="Grids"),
    "sources": Text(zh="污染源", en="Sources"),
    "receptors": Text(zh="敏感目标", en="Receptors"),
    "people": Text(zh="岗位和人员", en="Posts and people"),
    "letters": Text(zh="责任状", en="Letters"),
    "duties": Text(zh="职责", en="Duties"),
    "transfers": Text(zh="职责移交", en="Transfers of duties"),
    "seeds": Text(zh="自带数据", en="Seeds"),
}
_COUNTS = {
    "inserted": Text(zh="新增", en="New"),
    "updated": Text(zh="更改", en="Changed"),
    "unchanged": Text(zh="不变", en="Unchanged"),
    "rejected": Text(zh="未采用", en="Rejected"),
    "missing": Text(zh="文件中没有", en="Not in the file"),
    "removed": Text(zh="已删除", en="Removed"),
}
_STATES = {
    "draft": Text(zh="草稿", en="draft"),
    "in_review": Text(zh="审核中", en="in review"),
    "published": Text(zh="已发布", en="published"),
    "superseded": Text(zh="已废止", en="superseded"),
    "discarded": Text(zh="已弃用", en="discarded"),
}
_REJECTED_SHOWN = 10


def print_outcome(outcome: Outcome, lang: Lang, console: Console | None = None) -> None:
    """Counts with examples, how each file was read, the first rejected rows, and notes."""
    console = console or Console(highlight=False, soft_wrap=True)
    console.print(_heading(outcome, lang), markup=False, style="bold")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for name, label in _COUNTS.items():
        count = getattr(outcome, name)
        if count or name in ("inserted", "updated", "unchanged"):
            table.add_row(label.of(lang), f"{count:,}", _plain("、".join(outcome.examples.get(name, ()))))
    console.print(table)
    for file in outcome.files:
        read = [file.file, file.format, file.crs, file.encoding]
        console.print("  " + " · ".join(part for part in read if part), markup=False)
        for row in file.rejected[:_REJECTED_SHOWN]:
            console.print(f"    {_row(row, lang)}", markup=False)
        more = len(file.rejected) - _REJECTED_SHOWN
        if more > 0:
            console.print(f"    … {more:,} {Text(zh='行未列出', en='more rows').of(lang)}", markup=False)
        for note in file.notes:
            console.print(f"    {note.of(lang)}", markup=False)
    for note in outcome.notes:
        console.print(f"  {note.of(lang)}", markup=False)
    if outcome.missing and not outcome.removed:
        console.print("  " + _KEPT.of(lang), markup=False)


_KEPT = Text(
    zh="文件中没有的仍然保留；要删除请加 --remove-missing。",
    en="What the file does not have was kept; --remove-missing deletes it.",
)


def outcome_json(outcome: Outcome) -> str:
    """The outcome as JSON: counts, examples, files with their checksums and rejected rows, notes."""
    plan = outcome.plan
    content = {
        "kind": outcome.kind,
        "dry_run": outcome.is_rehearsal,
        "plan": None if plan is None else {"id": plan[0], "title": plan[1], "state": plan[2]},
        **{name: getattr(outcome, name) for name in _COUNTS},
        "examples": {name: list(labels) for name, labels in outcome.examples.items()},
        "files": [
            {
                "file": each.file,
                "sha256": each.sha256,
                "format": each.format,
                "crs": each.crs,
                "encoding": each.encoding,
                "rejected": [
                    {"row": row.row, "id": row.id, "reason": {"zh": row.reason.zh, "en": row.reason.en}}
                    for row in each.rejected
                ],
                "notes": [{"zh": note.zh, "en": note.en} for note in each.notes],
            }
            for each in outcome.files
        ],
        "notes": [{"zh": note.zh, "en": note.en} for note in outcome.notes],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def _heading(outcome: Outcome, lang: Lang) -> str:
    kind = _KINDS[outcome.kind].of(lang)
    if outcome.is_rehearsal:
        done = Text(zh="试运行，没有写入", en="rehearsal, nothing written")
    elif outcome.changed:
        done = Text(zh="已导入", en="imported")
    else:
        done = Text(zh="没有变化", en="nothing changed")
    where = ""
    if outcome.plan is not None:
        number, title, state = outcome.plan
        where = f" → {number} {title} ({_STATES[state].of(lang)})"
    return f"{kind}: {done.of(lang)}{where}"


def _row(row: Rejected, lang: Lang) -> str:
    number = Text(zh=f"第 {row.row} 行", en=f"Row {row.row}").of(lang)
    return f"{number}{f' ({row.id})' if row.id else ''}: {row.reason.of(lang)}"


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
