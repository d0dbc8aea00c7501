"""The routes. Every module has a `blueprint`, which is one group of the API. The probes are not part of the API, so they have a
plain Flask blueprint."""
