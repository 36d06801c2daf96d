"""gisgrid: environmental-supervision grids, and proof that nothing is left uncovered."""

__version__ = "0.1.0"
