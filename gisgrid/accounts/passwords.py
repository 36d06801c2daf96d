"""Passwords: which are good enough, and how they are kept (argon2id)."""

from __future__ import annotations

import secrets

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from gisgrid.accounts.errors import WeakPassword
from gisgrid.text import Text

MIN_LENGTH = 10
MAX_LENGTH = 128
"""So that nobody makes the server hash a book."""
MIN_DISTINCT = 5

_argon2 = PasswordHash((Argon2Hasher(),))
_NOBODYS = _argon2.hash(secrets.token_urlsafe(16))
"""Compared with when there is no account, so that the answer takes as long."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GUESSED_FIRST = (
    "password", "passw0rd", "p@ssw0rd", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx", "qazwsx", "abc123",
    "admin", "administrator", "welcome", "letmein", "iloveyou", "woaini", "changeme", "huanbao", "gisgrid",
    "dragon", "monkey", "football", "5201314", "1314520",
)  # fmt: skip
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def hash_password(password: str) -> str:
    """What is kept of a password."""
    return _argon2.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password; takes as long where there is none."""
    if len(password) > MAX_LENGTH:
        password = password[:MAX_LENGTH] + "\x00"
    try:
        right = _argon2.verify(password, kept or _NOBODYS)
    except UnknownHashError:  # an account without a password
        _argon2.verify(password, _NOBODYS)
        return False
    return right and kept is not None


def generate_password() -> str:
    """A password that can be read out: sixteen characters, 79 bits."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))


def must_be_strong(password: str, *, login: str) -> None:
    """Refuse what is guessed first.

    Raises
    ------
    WeakPassword
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise _weak(
            Text(
                zh=f"密码要有 {MIN_LENGTH} 到 {MAX_LENGTH} 个字符。",
                en=f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.",
            )
        )
    if _left_to_guess(password.lower(), login.lower()) < MIN_DISTINCT:
        raise _weak(Text(zh="这个密码太容易猜到。", en="This password is too easy to guess."))


def _left_to_guess(password: str, login: str) -> int:
    """How many different characters remain without usual words, the login, and runs along the keyboard."""
    for word in (login, *_GUESSED_FIRST):
        if len(word) > 2:
            password = password.replace(word, "")
    kept = [
        each
        for before, each in zip(" " + password, password, strict=False)
        if not any(before + each in row or each + before in row for row in _ROWS)
    ]
    return len(set(kept))


def _weak(what: Text) -> WeakPassword:
    return WeakPassword(
        what,
        todo=Text(
            zh="请换一个更长的，例如几个不相干的词连起来。",
            en="Choose a longer one, such as several words that have nothing to do with each other.",
        ),
    )
