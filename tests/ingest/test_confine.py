"""The reading process cannot reach what it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PREPARE = """
import os, socket, sys
from pathlib import Path
from gisgrid.ingest.confine import close_file_system, cut_off_network, limit_resources
from gisgrid.ingest.limits import Limits
allowed, scratch = Path(sys.argv[1]), Path(sys.argv[2])
limit_resources(Limits(memory_bytes=2 << 30))
network, files = cut_off_network(), close_file_system([allowed], allowed.parent, scratch)
"""


def confined(tmp_path: Path, statement: str) -> str:
    allowed, scratch = tmp_path / "allowed.txt", tmp_path / "scratch"
    allowed.write_text("allowed", encoding="ascii")
    (tmp_path / "secret.txt").write_text("secret", encoding="ascii")
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + statement, str(allowed), str(scratch)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_file_itself_and_the_scratch_folder_can_be_used(tmp_path: Path) -> None:
    statement = (
        "(scratch / 'a').write_text('x'); print(allowed.read_text(), sorted(os.listdir(allowed.parent)))"
    )
    assert confined(tmp_path, statement) == "allowed ['allowed.txt', 'scratch', 'secret.txt']"


@pytest.mark.parametrize(
    "statement",
    [
        "(allowed.parent / 'secret.txt').read_text()",
        "(allowed.parent / 'new.txt').write_text('x')",
        "allowed.write_text('x')",
        "Path('/etc/passwd').read_text()",
        "Path('/proc/1/environ').read_bytes()",
    ],
)
def test_nothing_else_can_be_read_or_written(tmp_path: Path, statement: str) -> None:
    guarded = f"""
try:
    {statement}
except PermissionError:
    print("denied")
else:
    print("allowed" if files else "denied")  # a kernel without Landlock
"""
    assert confined(tmp_path, guarded) == "denied"


def test_no_connection_can_be_made(tmp_path: Path) -> None:
    guarded = """
with socket.socket() as server:
    try:
        server.bind(("127.0.0.1", 0)); server.listen()
        socket.create_connection(server.getsockname(), timeout=2)
    except OSError as error:
        print("denied")
    else:
        print("allowed" if network else "denied")  # namespaces are not permitted here
"""
    assert confined(tmp_path, guarded) == "denied"


def test_memory_is_limited(tmp_path: Path) -> None:
    guarded = """
try:
    bytearray(3 << 30)
except MemoryError:
    print("denied")
"""
    assert confined(tmp_path, guarded) == "denied"
