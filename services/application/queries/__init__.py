"""Queries. They change nothing."""
