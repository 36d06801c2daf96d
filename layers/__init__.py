"""The map layers, one file each: a query with its public columns, a style, a legend, an audience.

Adding a layer means adding a file that defines `layer`; nothing else changes. Modules that
begin with an underscore hold what several layers share.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from gisgrid.layer import Layer


@cache
def all_layers() -> dict[str, Layer]:
    """Every layer by its id, in the order of their positions."""
    found = [
        import_module(f"layers.{module.name}").layer
        for module in iter_modules(__path__)
        if not module.name.startswith("_")
    ]
    return {layer.id: layer for layer in sorted(found, key=lambda each: (each.position, each.id))}
