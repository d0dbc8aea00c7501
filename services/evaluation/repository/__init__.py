"""The evaluation service's database access."""
