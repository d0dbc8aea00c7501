"""The routes. Every module has a `blueprint`: one group of the API. The probes are not part of the API and have a plain Flask
blueprint."""
