"""Take from the reading process what it does not need: time, memory, the network, other people's files.

The limits of memory and time hold everywhere on POSIX; the network is cut off
and the file system closed where Linux lets us (network namespaces; Landlock,
kernel 5.13 and later).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from gisgrid.ingest.limits import Limits

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # sched.h
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # prctl.h
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture
_READ_RIGHTS = 0b1101  # landlock.h: execute, read file, read directory
_LIST_RIGHT = 0b1000
_ALL_RIGHTS = (1 << 13) - 1  # those of the first version
_RULE_PATH_BENEATH = 1


def limit_resources(limits: Limits) -> None:
    """Limit time, memory and the size of written files; die with the parent; leave no core dump."""
    _lower(resource.RLIMIT_CPU, int(limits.cpu_s))
    _lower(resource.RLIMIT_FSIZE, max(limits.file_bytes, limits.zip_bytes))
    _lower(resource.RLIMIT_CORE, 0)
    if sys.platform.startswith("linux"):  # macOS accepts no limit on address space
        _lower(resource.RLIMIT_AS, limits.memory_bytes)
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def cut_off_network() -> bool:
    """Move into a network namespace without any interface; whether that was permitted."""
    if not sys.platform.startswith("linux"):
        return False
    libc = _libc()
    return bool(libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def close_file_system(readable: Iterable[Path], listable: Path, writable: Path) -> bool:
    """Allow reading the given files and the interpreter's own, listing `listable`, writing below `writable`.

    Returns whether the kernel supports it.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = _libc()
    attributes = struct.pack("<Q", _ALL_RIGHTS)
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    for path in {*readable, *_interpreter_paths()}:
        _allow(libc, ruleset, path, _READ_RIGHTS)
    _allow(libc, ruleset, listable, _LIST_RIGHT)
    _allow(libc, ruleset, writable, _ALL_RIGHTS)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    closed = libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(closed)


def _interpreter_paths() -> set[Path]:
    """Where Python, its packages and the system's libraries live."""
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path, "/usr", "/lib", "/lib64", "/opt"]
    single = [
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/dev/null",
        "/dev/urandom",
        "/proc/self",
        "/sys/devices/system/cpu",
    ]
    environment = [os.environ[key] for key in ("LD_LIBRARY_PATH", "PROJ_DATA") if key in os.environ]
    given = [*prefixes, *single, *(part for each in environment for part in each.split(":"))]
    return {Path(each) for each in given if each and Path(each).exists()}


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not path.is_dir():
            rights &= 0b111  # execute, write and read: all that means anything for a file
        rule = struct.pack("<Qi", rights, descriptor)
        libc.syscall(_LANDLOCK_ADD, ruleset, _RULE_PATH_BENEATH, rule, 0)
        os.close(descriptor)


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (value, value))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
