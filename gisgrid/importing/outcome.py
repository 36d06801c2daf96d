"""What an import did, or in a rehearsal would do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gisgrid.audit import FileReport
from gisgrid.frames import Rejected
from gisgrid.ingest.table import Table
from gisgrid.store.merging import Difference
from gisgrid.text import Text


@dataclass(frozen=True)
class FileRead:
    """One file: how it was read, and what of it could not be used."""

    file: str
    sha256: str
    format: str
    crs: str | None
    encoding: str | None
    rejected: tuple[Rejected, ...]
    notes: tuple[Text, ...] = ()

    @classmethod
    def of(cls, path: Path, report: FileReport, *more: Rejected) -> FileRead:
        """A file that the audit's readers placed."""
        mended = tuple(
            Text(f"第 {each.row} 行：{each.reason.zh}", f"Row {each.row}: {each.reason.en}")
            for each in report.mended[:5]
        )
        return cls(
            report.file,
            sha256(path),
            report.format,
            report.crs,
            report.encoding,
            (*report.rejected, *more),
            (*report.notes, *mended),
        )

    @classmethod
    def of_table(cls, path: Path, table: Table, *more: Rejected, crs: str | None = None) -> FileRead:
        """A plain table."""
        rejected = (*table.rejected, *more)
        return cls(table.file, sha256(path), table.format, crs, table.encoding, rejected, table.notes)


@dataclass(frozen=True)
class Outcome:
    """What an import did.

    Attributes
    ----------
    kind : str
        "grids", "sources", "receptors", "people", "letters", "duties", "transfers" or "seeds".
    inserted, updated, unchanged : int
        Rows.
    missing : int
        Rows of the database that the file does not have; kept, unless `removed`.
    removed : int
    examples : mapping of "inserted", "updated", "missing" to names
    files : tuple of FileRead
    notes : tuple of Text
        What else its owner should know.
    plan : (id, title, state) of the plan that the rows belong to, or None
    is_rehearsal : bool
        Nothing was kept.
    """

    kind: str
    inserted: int
    updated: int
    unchanged: int
    missing: int = 0
    removed: int = 0
    examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[FileRead, ...] = ()
    notes: tuple[Text, ...] = ()
    plan: tuple[int, str, str] | None = None
    is_rehearsal: bool = False

    @classmethod
    def of(cls, kind: str, difference: Difference, **more: Any) -> Outcome:
        """The outcome of one merge."""
        return cls(
            kind,
            difference.inserted,
            difference.updated,
            difference.unchanged,
            difference.missing,
            examples=difference.examples,
            **more,
        )

    @property
    def rejected(self) -> int:
        """How many rows could not be used."""
        return sum(len(each.rejected) for each in self.files)

    @property
    def changed(self) -> bool:
        """Whether anything is other than it was."""
        return bool(self.inserted or self.updated or self.removed)


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
