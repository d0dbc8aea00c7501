"""The address and the platform's keys of a private object store, the same for every server program."""

from __future__ import annotations

from deploy.local_services.local_service import LocalService


class ObjectStore(LocalService):
    """A server of the S3 protocol. A subclass starts it with these keys, on a port named `s3`."""

    @property
    def endpoint(self) -> str:
        """Return host and port in the form that the minio client expects; it then uses plain HTTP."""
        return f"127.0.0.1:{self.port('s3')}"

    @property
    def access_key(self) -> str:
        return self.secret("access_key")

    @property
    def secret_key(self) -> str:
        return self.secret("secret_key")
