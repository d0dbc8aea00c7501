"""What changes documents, one verb a module."""
