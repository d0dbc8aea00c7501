"""The evaluation service's part of the published language: requests, responses and events."""
