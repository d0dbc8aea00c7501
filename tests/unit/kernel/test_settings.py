"""An invalid setting is reported by name, with its value and the expected form."""

from __future__ import annotations

from dataclasses import fields

import pytest

from services.kernel.settings import InvalidSetting, Settings, unknown_variables


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("GUICHUANG_OUTBOX_DAYS", "soon"),
        ("GUICHUANG_OUTBOX_DAYS", ""),
        ("GUICHUANG_WORKERS", "-1"),
        ("GUICHUANG_WORKERS", "0"),
        ("GUICHUANG_RATE_LIMIT", "６００"),
        ("GUICHUANG_HTTP", "8000"),
        ("GUICHUANG_HTTP", "127.0.0.1:80000"),
        ("GUICHUANG_BUS", "rabbit"),
        ("GUICHUANG_BUS", "amqp://broker:port/"),
        ("GUICHUANG_DB_REVIEW", "review.db"),
        ("GUICHUANG_S3", "ftp://files.example"),
        ("GUICHUANG_PUBLIC_URL", "guichuang.example"),
        ("GUICHUANG_OIDC_ISSUER", "https://统一认证.中国"),
        ("GUICHUANG_OIDC_ISSUER", "https://sso .example"),
        ("GUICHUANG_OIDC_ISSUER", "https://-sso.example"),
        ("GUICHUANG_SMS_URL", "https://127.1/sms"),
        ("GUICHUANG_SMTP", "mail.example"),
        ("GUICHUANG_RETRY_DELAYS", "1,,5"),
        ("GUICHUANG_LOG_LEVEL", "loud"),
        ("GUICHUANG_SEED", "test"),
    ],
)
def test_nonsense_is_named_with_what_is_expected(name: str, given: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_environment({name: given})
    assert str(refused.value).startswith(f"{name}={given}: expected ")


def test_all_that_is_wrong_is_told_at_once_and_no_secret_with_it() -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_environment({"GUICHUANG_BUS": "amqp:/me:sesame@broker", "GUICHUANG_POOL": "many"})
    bus, pool = str(refused.value).splitlines()
    assert bus.startswith("GUICHUANG_BUS=…hidden…: expected ")
    assert pool == "GUICHUANG_POOL=many: expected a whole number, 1 or more"


def test_what_is_set_by_default_is_taken() -> None:
    defaults = {field.metadata["env"]: str(field.default) for field in fields(Settings)}
    assert Settings.from_environment(defaults) == Settings()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("GUICHUANG_HTTP", "[::1]:8000"),
        ("GUICHUANG_DB_REVIEW", "postgresql+psycopg://review:a@db.example:5432/review?sslmode=verify-full"),
        ("GUICHUANG_DB_REVIEW", "postgresql+psycopg:///review?host=/run/postgresql"),
        ("GUICHUANG_DB_REVIEW", "sqlite:////srv/review.db"),
        ("GUICHUANG_S3", "file:///srv/objects"),
        ("GUICHUANG_S3", "https://key:secret@files.example?region=cn-south-1"),
        ("GUICHUANG_SCANNER", "clamd:///run/clamd.sock"),
        ("GUICHUANG_SMTP", "smtp+starttls://user:password@mail.example"),
        ("GUICHUANG_RETRY_DELAYS", "0.2, 5,60"),
    ],
)
def test_what_makes_sense_is_taken(name: str, given: str) -> None:
    Settings.from_environment({name: given})


def test_a_name_that_is_no_setting_is_told_with_the_nearest() -> None:
    environment = {"GUICHUANG_MAIL_FORM": "x", "GUICHUANG_XYZZY": "x", "GUICHUANG_CASES": "x", "PATH": "x", "GUICHUANG_BUS": "x"}
    assert unknown_variables(environment) == {"GUICHUANG_MAIL_FORM": "GUICHUANG_MAIL_FROM", "GUICHUANG_XYZZY": None}


@pytest.mark.parametrize(
    ("http", "public"),
    [
        ("127.0.0.1:9123", "http://127.0.0.1:9123"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_links_begin_with_the_listening_address_unless_another_is_set(http: str, public: str) -> None:
    assert Settings(http=http).public_url == public
    assert Settings(http=http, public_url="https://guichuang.example").public_url == "https://guichuang.example"
