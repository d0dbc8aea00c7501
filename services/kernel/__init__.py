"""Mechanism without domain nouns. A module gets in when three packages use it."""
