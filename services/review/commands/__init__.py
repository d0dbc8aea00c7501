"""The commands of the review service, one verb per module."""
