"""Functions that load and store the evaluation service's objects."""
