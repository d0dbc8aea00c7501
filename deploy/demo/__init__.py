"""The demonstration: a client that plays the procedure on a running platform, through HTTP only."""
