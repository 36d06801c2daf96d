"""The audit: from files of grids and sources to what is not covered."""

from gisgrid.audit.result import Audit, FileReport, LevelReport, SourceReport, SurroundingsReport

__all__ = ["Audit", "FileReport", "LevelReport", "SourceReport", "SurroundingsReport"]
