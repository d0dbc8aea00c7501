"""The cluster with Docker Compose, on one machine: `make compose`."""
