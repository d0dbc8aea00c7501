"""Oversight of recognised consortia."""
