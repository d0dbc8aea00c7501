"""Every module here has a `blueprint`: one room of the API (the probes, which are no part of it, have a plain one)."""
