"""The origins to which the console's pages may send files: only the object store's public address."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.console import console_settings
from services.kernel.settings import Settings


@pytest.mark.parametrize(
    ("s3", "public", "origin"),
    [
        ("", "", ""),
        ("http://key:secret@store.internal:9000", "", "http://store.internal:9000"),
        ("http://key:secret@store.internal:9000", "https://files.example.cn", "https://files.example.cn"),
    ],
)
def test_pages_may_reach_the_store_without_its_credentials(tmp_path: Path, s3: str, public: str, origin: str) -> None:
    settings = Settings(var=str(tmp_path), s3=s3, s3_public=public)
    assert console_settings(settings).store_origin == origin
