"""The gateway service in the published language: requests, responses and events."""
