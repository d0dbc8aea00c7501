"""`python -m deploy.compose.bucket`: create the bucket for the documents, with the keys of the store's administrator."""

from __future__ import annotations

from urllib.parse import urlsplit

from minio import Minio

from services.kernel.settings import Settings


def make(settings: Settings) -> None:
    """Create a bucket that supports object lock, because documents have retention terms. Repeating it changes nothing."""
    url_parts = urlsplit(settings.s3)
    client = Minio(
        f"{url_parts.hostname}:{url_parts.port}", url_parts.username, url_parts.password, secure=url_parts.scheme == "https"
    )
    if not client.bucket_exists(bucket_name=settings.bucket):
        client.make_bucket(bucket_name=settings.bucket, object_lock=True)


if __name__ == "__main__":
    make(Settings.from_environment())
