"""Commands on a case, one verb a module."""
