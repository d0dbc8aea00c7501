"""The rules of reviewing."""
