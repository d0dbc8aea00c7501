"""The evaluation service in the published language: requests, responses and events."""
