"""Mechanism without domain nouns. A module belongs here when at least three packages use it."""
