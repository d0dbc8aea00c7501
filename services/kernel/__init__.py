"""The mechanism that all services share; it knows no nouns of the domain. A module belongs here when at least three packages use
it."""
