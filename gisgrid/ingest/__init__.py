"""Untrusted files in: read in a confined process, columns recognised, bad rows named and set aside."""

from gisgrid.ingest.limits import Limits
from gisgrid.ingest.reader import read
from gisgrid.ingest.table import Mended, Table

__all__ = ["Limits", "Mended", "Table", "read"]
