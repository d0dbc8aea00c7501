"""The cluster shape by Docker Compose, on one machine: `make compose`."""
