"""Errors that a user can cause: each says what is wrong, where, and what to do, in Chinese and English."""

from __future__ import annotations

from gisgrid.text import Lang, Text


class GisgridError(Exception):
    """The root of all; never raised itself.

    Parameters
    ----------
    what : Text
        What is wrong.
    where : str, optional
        The file, and the row, layer or grid inside it, as its owner knows them.
    todo : Text
        What to do next.
    """

    def __init__(self, what: Text, *, todo: Text, where: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(self.message(Lang.EN))

    def message(self, lang: Lang) -> str:
        """The error as up to three lines: what, where, what to do."""
        return "\n".join(part for part in (self.what.of(lang), self.where, self.todo.of(lang)) if part)

    def __str__(self) -> str:
        where = f"\n  {self.where}" if self.where else ""
        return f"{self.what.zh}\n{self.what.en}{where}\n  → {self.todo.zh}\n  → {self.todo.en}"


class InputError(GisgridError):
    """Something given by the user cannot be used as it is."""


class UnreadableFile(InputError):
    """The file is missing, empty, damaged, or of a format that is not accepted."""


class UnsafeFile(InputError):
    """The file would exhaust the machine or reach outside itself (a zip bomb, a virtual data set)."""


class MissingField(InputError):
    """No column has the role that is needed, or the named column is absent."""


class UnknownCrs(InputError):
    """The file declares no CRS, and its coordinates fit several or none."""


class CrsMismatch(InputError):
    """Two frames that must be in one CRS are not."""


class WrongGeometry(InputError):
    """Points where polygons are needed, or the like."""


class BrokenHierarchy(InputError):
    """Grids whose levels or parents contradict each other."""


class OutputError(GisgridError):
    """The results could not be written (disk full, folder not writable)."""


class StoreError(GisgridError):
    """The database cannot be started, reached or used as it is."""


class MissingServer(StoreError):
    """PostgreSQL or PostGIS is not installed."""


class WrongDatabaseVersion(StoreError):
    """PostgreSQL or PostGIS is too old, or the data folder is another version's."""


class UnusableFolder(StoreError):
    """The data folder cannot be entered, written or owned by whoever runs PostgreSQL."""


class DiskFull(StoreError):
    """No space left for the database or a backup."""


class NotPrepared(StoreError):
    """A server of one's own lacks roles or extensions that its owner may not create."""


class BadBackup(StoreError):
    """The file is no backup of gisgrid, is damaged, or comes from a newer server."""
