"""The technical code that all services share; it contains no terms of the regulation's procedures. A module belongs here when at
least three packages use it."""
