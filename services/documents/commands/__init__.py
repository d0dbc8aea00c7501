"""Commands that change documents, one verb a module."""
