"""Webhooks are signed by the Standard Webhooks scheme. The expected values come from the scheme's published test vectors and from
its specification, not from the library that signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from services.notification.webhooks.sender import new_secret, signatures


@pytest.mark.parametrize(
    ("secret", "id", "seconds", "body", "signature"),
    [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            1731705121,
            b'{"event_type":"ping","data":{"success":true}}',
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
    ],
)
def test_the_published_vectors_are_signed_as_published(secret: str, id: str, seconds: int, body: bytes, signature: str) -> None:
    assert signatures(id, datetime.fromtimestamp(seconds, UTC), body, [secret]) == signature


def test_each_secret_signs_the_bytes_that_are_sent_and_the_whole_seconds_of_the_header() -> None:
    # Given a body in Chinese, two secrets during a rotation, and an instant between two seconds
    body, secrets, at = '{"name":"桂创"}'.encode(), [new_secret(), new_secret()], datetime(2026, 11, 30, 8, 0, 0, 999_999, UTC)
    # Then each signature is the HMAC of the id, the whole seconds and the body, with the bytes of one secret as the key
    signed = f"e-1.{int(at.timestamp())}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    digests = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    assert signatures("e-1", at, body, secrets) == " ".join(f"v1,{digest}" for digest in digests)
