"""The queries of the application service. They change nothing."""
