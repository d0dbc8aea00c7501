"""The queries of the evaluation service. They change nothing."""
