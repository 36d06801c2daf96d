"""Which processes belong to the private cluster: a pid alone does not say, pids are used again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path


def postmaster(pgdata: Path) -> int | None:
    """The process that serves this folder, or None if postmaster.pid is absent or another's."""
    try:
        pid = int((pgdata / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    command = dict(_processes()).get(pid, "")
    return pid if "postgres" in command and f"-D {pgdata} " in f"{command} " else None


def orphans(cluster_name: str) -> list[int]:
    """Backends of a cluster, which outlive a postmaster that was killed while they compute."""
    return [pid for pid, command in _processes() if command.startswith(f"postgres: {cluster_name}: ")]


def end_orphans(cluster_name: str) -> None:
    """What the postmaster would have done after a crash: nothing of theirs can be acknowledged any more."""
    for pid in orphans(cluster_name):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGQUIT)


def _processes() -> Iterator[tuple[int, str]]:
    proc = Path("/proc")
    if (proc / "self" / "cmdline").exists():
        for entry in proc.iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    words = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    yield int(entry.name), os.fsdecode(words).strip()
        return
    listed = subprocess.run(  # macOS
        ["/bin/ps", "-axwwo", "pid=,command="], capture_output=True, text=True, check=False
    )
    for line in listed.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command.strip()
