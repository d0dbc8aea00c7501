"""What can be done, one verb a file: load, decide, record."""
