"""Configuration: the environment variables `GUICHUANG_*`, read once into one immutable object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path

from services.kernel import settings_validators
from services.kernel.retry_policy import RetryPolicy
from services.kernel.settings_validators import Validator

SERVICES = ("application", "review", "evaluation", "notification", "documents")


PREFIX = "GUICHUANG_"
#: Environment variables `GUICHUANG_*` that are not settings: the demonstration reads them, or Docker Compose before it starts a
#: process.
ELSEWHERE = frozenset({"GUICHUANG_CASES", "GUICHUANG_USER", "GUICHUANG_VERSION"})


#: The hosts that mean, in a listening address, all addresses of the machine.
ANY_ADDRESS = ("0.0.0.0", "[::]")


class InvalidSetting(ValueError):
    """A setting is not usable; the message names the setting and says what is expected."""


def _var(name: str, default: str, about: str, validator: Validator = settings_validators.ANYTHING) -> str:
    return field(default=default, metadata={"env": name, "about": about, "validator": validator})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings that an operator can make. `guichuang doctor --env` lists them."""

    http: str = _var(
        "GUICHUANG_HTTP",
        "127.0.0.1:8000",
        "host:port the gateway listens on, or the console where it runs alone",
        settings_validators.ADDRESS,
    )
    probes: str = _var(
        "GUICHUANG_PROBES",
        "",
        "host:port where a process answers /healthz, /readyz and /metrics, off the public network; empty: nowhere",
        settings_validators.ADDRESS.or_empty,
    )
    console_api: str = _var(
        "GUICHUANG_CONSOLE_API",
        "",
        "URL of the gateway for `guichuang serve console`; empty: the console is served in the gateway's process",
        settings_validators.WEB.or_empty,
    )
    var: str = _var("GUICHUANG_VAR", "var", "folder for data, generated secrets and logs")
    bus: str = _var(
        "GUICHUANG_BUS",
        "embedded://",
        "AMQP URI of the broker, or embedded://",
        settings_validators.either(settings_validators.EMBEDDED, settings_validators.BROKER),
    )
    db_application: str = _var(
        "GUICHUANG_DB_APPLICATION", "", "SQLAlchemy URL; empty: SQLite under the var folder", settings_validators.DATABASE
    )
    db_review: str = _var(
        "GUICHUANG_DB_REVIEW", "", "SQLAlchemy URL; empty: SQLite under the var folder", settings_validators.DATABASE
    )
    db_evaluation: str = _var(
        "GUICHUANG_DB_EVALUATION", "", "SQLAlchemy URL; empty: SQLite under the var folder", settings_validators.DATABASE
    )
    db_notification: str = _var(
        "GUICHUANG_DB_NOTIFICATION", "", "SQLAlchemy URL; empty: SQLite under the var folder", settings_validators.DATABASE
    )
    db_documents: str = _var(
        "GUICHUANG_DB_DOCUMENTS", "", "SQLAlchemy URL; empty: SQLite under the var folder", settings_validators.DATABASE
    )
    db_gateway: str = _var(
        "GUICHUANG_DB_GATEWAY", "", "SQLAlchemy URL; empty: SQLite under the var folder", settings_validators.DATABASE
    )
    s3: str = _var(
        "GUICHUANG_S3",
        "",
        "object store: s3 endpoint URL with credentials, or file://; empty: var folder",
        settings_validators.either(settings_validators.WEB, settings_validators.FOLDER).or_empty,
    )
    s3_public: str = _var(
        "GUICHUANG_S3_PUBLIC",
        "",
        "object store host as clients see it; empty: as GUICHUANG_S3",
        settings_validators.WEB.or_empty,
    )
    bucket: str = _var("GUICHUANG_BUCKET", "guichuang", "bucket that holds the documents")
    jurisdictions: str = _var("GUICHUANG_JURISDICTIONS", "*", "bureau codes this deployment serves, by comma; * is all others")
    federated: str = _var(
        "GUICHUANG_FEDERATED",
        "",
        "bureaus with a broker of their own (docs/operations/federation.md), by comma; * is without them",
    )
    province_url: str = _var(
        "GUICHUANG_PROVINCE_URL",
        "",
        "for a city with a gateway of its own: where readers reach the province's platform; empty: this is the only platform",
        settings_validators.WEB.or_empty,
    )
    upstream: str = _var(
        "GUICHUANG_UPSTREAM",
        "",
        "for `guichuang broker federation`: AMQP URI of the other side's broker",
        settings_validators.BROKER.or_empty,
    )
    holidays: str = _var(
        "GUICHUANG_HOLIDAYS",
        "",
        "public holidays announced since this version: `2027: 01-01..01-03 … work 02-14 …` (docs/operations/holidays.md)",
    )
    seed: str = _var(
        "GUICHUANG_SEED",
        "",
        "demo: create accounts at the first start and let the date be moved",
        settings_validators.one_of("demo").or_empty,
    )
    keys: str = _var("GUICHUANG_KEYS", "", "folder of signing keys; empty: keys/ under the var folder")
    pool: str = _var("GUICHUANG_POOL", "8", "database connections a process may hold", settings_validators.whole_number(1))
    workers: str = _var(
        "GUICHUANG_WORKERS",
        "2",
        "processes of the gateway, or of the console where it runs alone (cluster shape)",
        settings_validators.whole_number(1),
    )
    max_document_mb: str = _var(
        "GUICHUANG_MAX_DOCUMENT_MB", "200", "largest document accepted, in MiB", settings_validators.whole_number(1)
    )
    fonts: str = _var(
        "GUICHUANG_FONTS",
        "/usr/share/fonts/truetype/hanazono",
        "folder of fonts with rare characters, for papers (docs/operations/documents.md)",
    )
    rate_limit: str = _var(
        "GUICHUANG_RATE_LIMIT", "600", "requests a client may make per minute; 0: no limit", settings_validators.whole_number(0)
    )
    proxies: str = _var(
        "GUICHUANG_PROXIES",
        "0",
        "reverse proxies before the gateway, or before the console, whose X-Forwarded-* it believes",
        settings_validators.whole_number(0),
    )
    retry_delays: str = _var(
        "GUICHUANG_RETRY_DELAYS",
        "1,5,30,120,600,3600",
        "seconds between tries of a failing reaction, then it is parked",
        settings_validators.SECONDS,
    )
    token_minutes: str = _var(
        "GUICHUANG_TOKEN_MINUTES", "60", "life of an access token in minutes", settings_validators.whole_number(1)
    )
    session_idle_minutes: str = _var(
        "GUICHUANG_SESSION_IDLE_MINUTES",
        "30",
        "minutes without renewal after which a login is over for renewal",
        settings_validators.whole_number(1),
    )
    session_hours: str = _var(
        "GUICHUANG_SESSION_HOURS", "12", "hours a login may last in all, renewals included", settings_validators.whole_number(1)
    )
    oidc_issuer: str = _var(
        "GUICHUANG_OIDC_ISSUER",
        "",
        "URL of the OpenID Connect issuer whose tokens are taken; empty: none",
        settings_validators.WEB.or_empty,
    )
    oidc_audience: str = _var("GUICHUANG_OIDC_AUDIENCE", "guichuang", "audience its tokens must be for")
    oidc_mapping: str = _var("GUICHUANG_OIDC_MAPPING", "", "TOML file: which claims mean what; empty: they are named as here")
    oidc_client: str = _var(
        "GUICHUANG_OIDC_CLIENT", "", "the platform's client id at the issuer, for logins in the browser; empty: none there"
    )
    oidc_secret: str = _var("GUICHUANG_OIDC_SECRET", "", "the client's secret; empty: a public client, which PKCE alone protects")
    cors_origins: str = _var("GUICHUANG_CORS_ORIGINS", "", "origins whose pages may call the API, by comma; empty: none")
    public_url: str = _var(
        "GUICHUANG_PUBLIC_URL",
        "",
        "where clients reach the platform: all links begin with it; empty: http:// and the address of GUICHUANG_HTTP",
        settings_validators.WEB.or_empty,
    )
    smtp: str = _var(
        "GUICHUANG_SMTP",
        "",
        "mail server: smtps://user:password@host or smtp+starttls://…; empty: no e-mail is sent",
        settings_validators.url("smtps", "smtp+starttls", "smtp").or_empty,
    )
    smtp_ca: str = _var(
        "GUICHUANG_SMTP_CA", "", "file of the authority that signed the mail server's certificate; empty: the system's"
    )
    mail_from: str = _var("GUICHUANG_MAIL_FROM", "桂创 <noreply@localhost>", "sender of e-mails")
    sms_url: str = _var(
        "GUICHUANG_SMS_URL",
        "",
        "HTTP service that sends SMS (docs/operations/messages.md); empty: none is sent",
        settings_validators.WEB.or_empty,
    )
    sms_token: str = _var("GUICHUANG_SMS_TOKEN", "", "bearer token for it")
    scanner: str = _var(
        "GUICHUANG_SCANNER",
        "",
        "ClamAV's daemon for uploads: clamd://host:port or clamd:///path; empty: none",
        settings_validators.SCANNER,
    )
    webhook_allow: str = _var(
        "GUICHUANG_WEBHOOK_ALLOW", "", "networks (CIDR) and hosts webhooks may go to though they are private, by comma"
    )
    backups: str = _var("GUICHUANG_BACKUPS", "", "folder of the backups; empty: backups/ under the var folder")
    outbox_days: str = _var(
        "GUICHUANG_OUTBOX_DAYS",
        "90",
        "days published events are kept, for replays; longer than the oldest backup you would use",
        settings_validators.whole_number(1),
    )
    inbox_days: str = _var(
        "GUICHUANG_INBOX_DAYS",
        "180",
        "days it is known which events were received; more than any sender's GUICHUANG_OUTBOX_DAYS",
        settings_validators.whole_number(1),
    )
    otlp: str = _var(
        "GUICHUANG_OTLP",
        "",
        "base URL of an OTLP/HTTP collector for traces: http://collector:4318; empty: none",
        settings_validators.WEB.or_empty,
    )
    revision: str = _var("GUICHUANG_REVISION", "", "revision of the code this was built from; an image says it itself")
    site_sponsor: str = _var("GUICHUANG_SITE_SPONSOR", "广西壮族自治区科学技术厅", "footer of every page: 主办单位")
    site_identifier: str = _var("GUICHUANG_SITE_IDENTIFIER", "", "footer: 网站标识码; empty: left out")
    site_icp: str = _var("GUICHUANG_SITE_ICP", "", "footer: ICP number as it is shown; empty: left out")
    site_police: str = _var("GUICHUANG_SITE_POLICE", "", "footer: 公安 number as it is shown; empty: left out")
    site_telephone: str = _var(
        "GUICHUANG_SITE_TELEPHONE",
        "",
        "footer, and publicity without a contact of its own: telephone for enquiries; empty: left out",
    )
    site_address: str = _var(
        "GUICHUANG_SITE_ADDRESS", "", "publicity without a contact of its own: where written objections go; empty: left out"
    )
    log_level: str = _var(
        "GUICHUANG_LOG_LEVEL",
        "INFO",
        "DEBUG, INFO, WARNING or ERROR",
        settings_validators.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
    )

    def __post_init__(self) -> None:
        if not self.public_url:
            host, _, port = self.http.rpartition(":")
            host = "127.0.0.1" if host in ANY_ADDRESS else host
            object.__setattr__(self, "public_url", f"http://{host}:{port}")
        if int(self.inbox_days) <= int(self.outbox_days):
            raise InvalidSetting(
                f"GUICHUANG_INBOX_DAYS ({self.inbox_days}) must be more than GUICHUANG_OUTBOX_DAYS ({self.outbox_days}): "
                "an event replayed after its receipt is forgotten would have its effect twice"
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings. Raises InvalidSetting with one line for each invalid setting."""
        values = {f.name: environment[f.metadata["env"]] for f in fields(cls) if f.metadata["env"] in environment}
        if errors := [
            f"{f.metadata['env']}={masked(f.name, values[f.name])}: expected {f.metadata['validator'].expected}"
            for f in fields(cls)
            if f.name in values and not f.metadata["validator"](values[f.name])
        ]:
            raise InvalidSetting("\n".join(errors))
        return cls(**values)

    @property
    def folder(self) -> Path:
        return Path(self.var)

    @property
    def keys_folder(self) -> Path:
        return Path(self.keys) if self.keys else self.folder / "keys"

    @property
    def backups_folder(self) -> Path:
        return Path(self.backups) if self.backups else self.folder / "backups"

    @property
    def demo(self) -> bool:
        return self.seed == "demo"

    @property
    def retries(self) -> RetryPolicy:
        """Return the policy by which a failed reaction to an event is tried again."""
        return RetryPolicy(tuple(float(delay) for delay in self.retry_delays.split(",")))

    def database(self, service: str) -> str:
        """Return the SQLAlchemy URL of a service's own database."""
        return getattr(self, f"db_{service}") or f"sqlite:///{(self.folder / f'{service}.db').resolve()}"


def masked(name: str, value: str) -> str:
    """Return a setting's value with secrets masked."""
    secret = ("@" in value and name != "mail_from") or (value and name.endswith(("token", "secret")))
    return "…hidden…" if secret else value


def unknown_variables(environment: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """Return the environment variables whose names look like settings but are none, each with the name of the setting that was
    probably meant."""
    names = {f.metadata["env"].removeprefix(PREFIX): f.metadata["env"] for f in fields(Settings)}
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in {*names.values(), *ELSEWHERE})
    suggestions = {name: get_close_matches(name.removeprefix(PREFIX), names, 1) for name in unknown}
    return {name: names[matches[0]] if matches else None for name, matches in suggestions.items()}
