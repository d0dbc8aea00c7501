"""The commands of the evaluation service, grouped by verb."""
