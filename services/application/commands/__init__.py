"""Commands, one verb per file: load, decide, record."""
