"""The queries of the review service. They change nothing."""
