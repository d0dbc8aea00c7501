"""Every module here with a `blueprint` is part of the API."""
