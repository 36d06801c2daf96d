"""The example audits, as fixtures."""

from __future__ import annotations

import pytest

from gisgrid.audit import Audit
from tests.report.example import full_audit, single_level_audit


@pytest.fixture
def audit() -> Audit:
    """One of everything that an audit can find."""
    return full_audit()


@pytest.fixture
def bare_audit() -> Audit:
    """A single level, no sources, no receptors, no findings."""
    return single_level_audit()
