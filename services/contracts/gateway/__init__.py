"""The gateway's part of the published language: requests, responses and events."""
