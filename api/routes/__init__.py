"""The resources, one file each: a module that defines `router`. Adding a resource means adding a file."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter


def all_routers() -> Iterator[APIRouter]:
    """Every resource's router, in the order of their files."""
    for module in sorted(iter_modules(__path__), key=lambda each: each.name):
        router: APIRouter = import_module(f"{__name__}.{module.name}").router
        yield router
