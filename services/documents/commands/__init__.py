"""The commands of the documents service, one verb per module."""
