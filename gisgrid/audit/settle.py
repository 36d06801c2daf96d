"""Which CRS a file is read in: what the user says, what the file says, what the evidence says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gisgrid.crs import normalise
from gisgrid.crs.verdict import Candidate, CrsStatus, Verdict
from gisgrid.errors import UnknownCrs
from gisgrid.ingest.table import Table
from gisgrid.text import Text

AUTO = "auto"


def known(option: str | None, table: Table) -> Verdict | None:
    """The CRS as given by the user or declared by the file itself; None if neither settles it."""
    if option is not None and option.lower() != AUTO:
        name = normalise(option)
        evidence = Text(zh=f"由用户指定为 {name}。", en=f"Given by the user: {name}.")
        return Verdict(CrsStatus.GIVEN, name, (), evidence)
    if table.crs is not None and not table.by_format:
        name = normalise(table.crs)
        evidence = Text(zh=f"文件自己声明为 {name}。", en=f"Declared by the file: {name}.")
        return Verdict(CrsStatus.DECLARED, name, (), evidence)
    return None


def settle(option: str | None, table: Table, flag: str, detect: Callable[[], Verdict] | None) -> Verdict:
    """Settle the CRS of a file, by evidence where nothing better is known.

    A declaration that comes from the format alone is believed unless the user
    asked for "auto" and the evidence clearly prefers another; what the evidence
    says is kept either way.

    Parameters
    ----------
    option : str or None
        What the user gave with `flag`.
    table : Table
    flag : str
        The command's option, for the error.
    detect : callable or None
        Weighs the evidence; None where there is nothing to weigh against.

    Raises
    ------
    UnknownCrs
        If the file declares nothing and the user did not ask for "auto", or the
        evidence is not clear; lists the candidates.
    """
    verdict = known(option, table)
    if verdict is not None and verdict.status is CrsStatus.DECLARED and detect is not None:
        return replace(verdict, evidence=(weighed := detect()).evidence, candidates=weighed.candidates)
    if verdict is not None:
        return verdict
    automatic = option is not None
    if table.by_format:
        believed = _believed(table)
        if detect is None:
            return believed
        found = detect()
        if automatic and found.crs is None:
            raise _unknown(table, flag, found, automatic)
        if automatic:
            return found
        return replace(believed, candidates=found.candidates, evidence=found.evidence)
    found = Verdict(CrsStatus.UNRESOLVED, None, (), _NOTHING) if detect is None else detect()
    if automatic and found.status is CrsStatus.DETECTED:
        return found
    raise _unknown(table, flag, found, automatic)


_NOTHING = Text(
    zh="也没有其它图层可作对照。",
    en="There is no other layer to compare it with.",
)


def _unknown(table: Table, flag: str, found: Verdict, automatic: bool) -> UnknownCrs:
    return UnknownCrs(
        Text(
            zh="文件没有可信的坐标系声明，不能猜。" + found.evidence.zh,
            en="The file declares no CRS to rely on, and gisgrid does not guess. " + found.evidence.en,
        ),
        where="\n  ".join([table.file, *map(_line, found.candidates[:8])]),
        todo=_advice(flag, found, automatic),
    )


def _believed(table: Table) -> Verdict:
    name = normalise(table.crs or "EPSG:4326")
    evidence = Text(
        zh=f"{table.format} 按格式规定为 {name}，文件本身没有声明；已采信，但未经证实。",
        en=f"{table.format} is {name} by its format; the file itself says nothing. Believed, not proved.",
    )
    return Verdict(CrsStatus.BY_FORMAT, name, (), evidence)


def _line(candidate: Candidate) -> str:
    stated = "" if candidate.stated is None else f", 所填网格 stated grid {candidate.stated:.1%}"
    same = f" (= {', '.join(candidate.same_as[:3])})" if candidate.same_as else ""
    return f"{candidate.crs}{same}: 区域内 inside {candidate.inside:.1%}{stated}"


def _advice(flag: str, found: Verdict, automatic: bool) -> Text:
    if not automatic and found.status is CrsStatus.DETECTED:
        return Text(
            zh=f"证据支持 {found.crs}：请用 {flag} {found.crs} 指定，或用 {flag} auto 采用它。",
            en=f"The evidence is for {found.crs}: give {flag} {found.crs}, or {flag} auto to accept it.",
        )
    return Text(
        zh=f"请用 {flag} 指定坐标系，例如 EPSG:4490、gcj02、bd09。",
        en=f"Name the CRS with {flag}, for example EPSG:4490, gcj02 or bd09.",
    )
