"""Benchmarks, each figure beside its peer's from the same run: `make bench`.

    python -m tests.benchmarks [assignment] [surroundings] [coverage] [audit] [editing] [panjin] [national]
        [suggestions]

Every measurement runs in a process of its own, so that peak memory is its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.benchmarks import editing, measurements, serving, suggestions
from tests.benchmarks.nation import nation

MEASUREMENTS: dict[str, Callable[[measurements.Report], None]] = {
    "assignment": measurements.assignment,
    "surroundings": measurements.surroundings,
    "coverage": measurements.coverage,
    "audit": measurements.audit,
    "editing": editing.editing,
    "panjin": serving.panjin,
    "national": serving.national,
    "suggestions": suggestions.units,
}


class _Printed:
    """Prints what is measured, as it is measured."""

    def __init__(self, title: str) -> None:
        self._table = Table(title=title, title_justify="left")
        for heading in ("what", "gisgrid", "wanted", "peer"):
            self._table.add_column(heading, overflow="fold")
        self.met = True

    def line(self, what: str, figure: str, *, wanted: str = "", met: bool = True, peer: str = "") -> None:
        """One figure; `met` tells whether it is as `wanted`."""
        self.met &= met
        colour = "green" if met else "red"
        self._table.add_row(what, f"[{colour}]{figure}[/]" if wanted else figure, wanted, peer)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[float], None]]:
        """A bar that a long job moves."""
        columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        with Progress(*columns, transient=True, console=Console(stderr=True)) as bars:
            task = bars.add_task(what, total=1.0)
            yield lambda share: bars.update(task, completed=share)

    def show(self, seconds: float) -> None:
        peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        self._table.caption = f"{seconds:.0f} s in all, peers included; peak memory {peak_gib:.1f} GiB"
        Console().print(self._table)


def main() -> int:
    """Run the named measurements, or all; 1 if a figure is not as wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], help="all when none is named")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    names = asked.names or list(MEASUREMENTS)
    if {*names} - {"panjin", "editing", "suggestions"}:
        nation()
    if not asked.here:
        commands = [[sys.executable, "-m", "tests.benchmarks", "--here", name] for name in names]
        return max(subprocess.run(each, check=False).returncode for each in commands)
    met = True
    for name in names:
        printed, begin = _Printed(name), time.perf_counter()
        MEASUREMENTS[name](printed)
        printed.show(time.perf_counter() - begin)
        met &= printed.met
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
