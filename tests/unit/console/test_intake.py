"""The size limits of pages: a page that stores a document accepts its whole file, a form only its fields."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from console.session import Session

Reader = Callable[..., tuple[FlaskClient, Session]]
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("applicant", "/applications/any/papers/agreement"),
        ("applicant", "/organisation/papers/attachment"),
        ("officer", "/integrity/any/repair"),
    ],
)
def test_a_page_that_stores_a_document_takes_a_file_of_several_mebibytes(reader: Reader, role: str, path: str) -> None:
    client, session = reader(role)
    fields = {"csrf": session.csrf, "uscc": "any", "file": (io.BytesIO(b"%" * (3 << 20)), "scan.pdf")}
    # The API is down: the console has read the file, but could not announce it.
    assert client.post(path, data=fields, headers=SAME).status_code == 503
