"""How much of the machine one untrusted file may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from gisgrid.errors import UnsafeFile
from gisgrid.text import Text

MiB = 1 << 20
GiB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """What reading one file may cost; beyond it, reading stops with a clear error.

    Attributes
    ----------
    wall_s, cpu_s : float
        Seconds by the clock, and of processor time.
    memory_bytes : int
        Address space of the reading process.
    file_bytes : int
        Size of the file, and of any file the reader writes.
    rows : int
    zip_entries : int
    zip_bytes : int
        Total unpacked size of a zip archive (an .xlsx or .kmz is one too).
    zip_ratio : float
        Unpacked over packed size, for archives that unpack to more than 64 MiB.
    nesting : int
        Depth of geometry collections and of JSON.
    mend_s : float
        Seconds for making invalid polygons valid, all together.
    mend_one_s : float
        Seconds for one of them.
    """

    wall_s: float = 180.0
    cpu_s: float = 300.0
    memory_bytes: int = 8 * GiB
    file_bytes: int = 4 * GiB
    rows: int = 20_000_000
    zip_entries: int = 1_000
    zip_bytes: int = 4 * GiB
    zip_ratio: float = 100.0
    nesting: int = 30
    mend_s: float = 10.0
    mend_one_s: float = 4.0

    def as_dict(self) -> dict[str, Any]:
        """The limits as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Limits:
        """The limits that `as_dict` gave."""
        return cls(**{each.name: values[each.name] for each in fields(cls)})


def require_rows(count: int, allowed: int) -> None:
    """Refuse a file of more rows than are allowed.

    Raises
    ------
    UnsafeFile
        If it has more.
    """
    if count > allowed:
        raise UnsafeFile(
            Text(zh=f"超过 {allowed:,} 行。", en=f"It has more than {allowed:,} rows."),
            todo=Text(zh="请拆分后分别读取。", en="Split it and read the parts."),
        )
