"""How a command ends: with its result, or with one clear error and an exit code that says which kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import typer
from rich.console import Console

from gisgrid.errors import GisgridError
from gisgrid.text import Lang

errors = Console(stderr=True, highlight=False, soft_wrap=True)

Result = TypeVar("Result")

_UNEXPECTED = (
    "程序内部错误，结果没有写出。请把这段话和文件报告给我们；设 GISGRID_DEBUG=1 可看到细节。\n"
    "Internal error; nothing was written. Please report it with the files; GISGRID_DEBUG=1 shows more."
)


def or_exit(work: Callable[[], Result], lang: Lang) -> Result:
    """Do the work; exit with 2 if the user can mend what went wrong, with 3 if we must."""
    try:
        return work()
    except GisgridError as error:
        _say(error, lang)
        raise typer.Exit(2) from None
    except Exception as error:
        from gisgrid.store.failures import told_by_database  # slow to import, and seldom needed

        known = told_by_database(error)
        if known is not None:
            _say(known, lang)
            raise typer.Exit(2) from None
        if os.environ.get("GISGRID_DEBUG"):
            raise
        errors.print(_UNEXPECTED, f"  {type(error).__name__}: {error}", sep="\n", markup=False)
        raise typer.Exit(3) from None


def _say(error: GisgridError, lang: Lang) -> None:
    errors.print(f"[bold red]{'错误' if lang is Lang.ZH else 'Error'}[/]", end=" ")
    errors.print(str(error), markup=False)
