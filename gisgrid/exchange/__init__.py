"""Drafts taken out to other tools as files, and brought back: the difference first, then as one edit."""
