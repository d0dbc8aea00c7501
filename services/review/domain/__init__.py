"""The rules of reviewing, plain Python."""
