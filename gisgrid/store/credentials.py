"""The private cluster's generated passwords, in a file that only its user can read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from gisgrid.store.server import Role

_ITERATIONS = 4096
"""PostgreSQL's own; a password of 256 random bits needs no more."""


def keep_credentials(file: Path) -> Mapping[Role, SecretStr]:
    """Read the passwords, and make those that are missing."""
    kept = _read(file)
    passwords = {role: kept.get(role) or secrets.token_urlsafe(32) for role in Role}
    if passwords != kept:
        _write(file, passwords)
    return {role: SecretStr(word) for role, word in passwords.items()}


def read_credentials(file: Path) -> Mapping[Role, SecretStr]:
    """Read the passwords that are there."""
    return {role: SecretStr(word) for role, word in _read(file).items()}


def _read(file: Path) -> dict[Role, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {role: found[role] for role in Role if isinstance(found.get(role), str)}
    except (FileNotFoundError, ValueError, AttributeError):
        return {}


def _write(file: Path, passwords: Mapping[Role, str]) -> None:
    partial = file.with_suffix(".part")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(dict(passwords), stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    partial.rename(file)


def scram_verifier(password: str) -> str:
    """What PostgreSQL keeps of an ASCII password (RFC 5802, RFC 7677), for when no server can make it."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    shown = [base64.b64encode(each).decode() for each in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{shown[0]}${shown[1]}:{shown[2]}"
