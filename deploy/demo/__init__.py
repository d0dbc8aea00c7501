"""The demonstration: a client that carries out the procedures on a running platform, through HTTP only."""
