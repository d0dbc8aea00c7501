"""The tables of accounts, their sessions and keys, registrations, and the log of the accounts that saw personal data."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table, Text

from services.kernel.persistence import tables
from services.kernel.persistence.database import Instant, Json

metadata = MetaData(naming_convention=tables.metadata.naming_convention)

#: Accounts. `version` counts changes; a token with another version is refused. `expert` is the contract's ExpertData. `external`
#: is the person at the identity provider, `issuer#subject`; without `password_hash`, the provider's claims determine the
#: account's rights. `second_factor` is {secret (sealed), confirmed, step, recovery: [hashes]}, `delegation` {by, may_sign, until,
#: closed_by?}: `closed_by` is the holder who closed the account; it is missing if the operator closed it. `pool` is only set for
#: experts and third parties in the province's pool: {until, history: [{act, by, at, until, reason}], reminded?}. `verified` names
#: the addresses ("email", "phone") that were proved to belong to the account.
accounts = Table(
    "accounts",
    metadata,
    Column("username", String(60), primary_key=True),
    Column("password_hash", String(200)),
    Column("external", String(600), unique=True),
    Column("second_factor", Json(none_as_null=True)),
    Column("delegation", Json(none_as_null=True)),
    Column("name", String(60), nullable=False),
    Column("phone", String(30)),
    Column("email", String(320)),
    Column("roles", Json, nullable=False),
    Column("bureau", String(20)),
    Column("organisation", String(18)),
    Column("expert", Json),
    Column("pool", Json(none_as_null=True)),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Column("verified", Json(none_as_null=True)),
)
Index("ix_accounts_bureau", accounts.c.bureau, accounts.c.username)
Index("ix_accounts_organisation", accounts.c.organisation, accounts.c.username)

#: Registrations. `bureau` decides about the registration; `password_hash` is deleted after the decision. `receipt` is the code
#: with which the organisation looks up the state; it is None for registrations of earlier versions. `username` is the requested
#: name, and after the approval the account's name.
registrations = Table(
    "registrations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("uscc", String(18), nullable=False),
    Column("name", String(200), nullable=False),
    Column("region", String(6), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("contact", Json, nullable=False),
    Column("username", String(60), nullable=False),
    Column("password_hash", String(200)),
    Column("bureau", String(20), nullable=False),
    Column("status", String(10), nullable=False),
    Column("reason", String(500)),
    Column("requested_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", String(60)),
    Column("receipt", String(40)),
)
Index("uq_registrations_receipt", registrations.c.receipt, unique=True)
Index("ix_registrations_username", registrations.c.username)
Index("ix_registrations_bureau", registrations.c.bureau, registrations.c.id)
Index("ix_registrations_bureau_status", registrations.c.bureau, registrations.c.status, registrations.c.id)
Index("ix_registrations_status", registrations.c.status, registrations.c.id)

#: Sessions, one row per login. Instants are real time.
sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(60), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("client", String(200)),
    Column("closed_at", Instant),
    Column("renewed_at", Instant),
)
Index("ix_sessions_username", sessions.c.username, sessions.c.id)
Index("ix_sessions_expires_at", sessions.c.expires_at)

#: API keys. `digest` is the SHA-256 of the key. A key is random, so a slow hash would add no protection.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(60), nullable=False),
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("per_day", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(60), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)
Index("ix_api_keys_username", api_keys.c.username)

#: The number of requests made with a key on each day of Beijing time.
key_usage = Table(
    "key_usage",
    metadata,
    Column("key", String(36), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("requests", Integer, nullable=False),
)

#: One row for each time that an account saw another person's unmasked data, with both accounts.
looks = Table(
    "looks",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("whose", String(100), nullable=False),
    Column("by", String(60), nullable=False),
    Column("role", String(20)),
    Column("what", String(100), nullable=False),
    Column("correlation_id", String(64), nullable=False),
)
Index("ix_looks_whose", looks.c.whose, looks.c.id)

#: Counts of attempts that must be limited, by the digest of the limit's key: the number of attempts `made`, and the instant until
#: which they count. Instants are real time.
attempts = Table(
    "attempts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("made", Integer, nullable=False),
    Column("until", Instant, nullable=False),
)
Index("ix_attempts_until", attempts.c.until)

#: Appointments of officers who sign in a chief's name, from one day to the end of another (real days in Beijing time). Rows are
#: never deleted.
acting_chiefs = Table(
    "acting_chiefs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("bureau", String(20), nullable=False),
    Column("account", String(60), nullable=False),
    Column("acts_for", String(60), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("appointed_by", String(60), nullable=False),
    Column("appointed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", String(60)),
    Column("ended_reason", String(500)),
)
Index("ix_acting_chiefs_account", acting_chiefs.c.account, acting_chiefs.c.until)
Index("ix_acting_chiefs_acts_for", acting_chiefs.c.acts_for, acting_chiefs.c.until)
Index("ix_acting_chiefs_bureau", acting_chiefs.c.bureau, acting_chiefs.c.id)

#: Form input that a person has not submitted yet. `sealed` is its JSON, encrypted for the account; `version` is the ETag.
#: Instants are real time.
working_copies = Table(
    "working_copies",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(60), nullable=False),
    Column("form", String(40), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("version", String(36), nullable=False),
    Column("saved_at", Instant, nullable=False),
)
Index("uq_working_copies_username", working_copies.c.username, working_copies.c.form, working_copies.c.subject, unique=True)
Index("ix_working_copies_saved_at", working_copies.c.saved_at)

#: Addresses to be proved (`kind` email or phone, the new `value`, the digest of the code that was sent), and password resets
#: (`kind` password). A row is deleted when it is used; `until` is real time.
proofs = Table(
    "proofs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("username", String(60), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("value", String(320)),
    Column("digest", String(64)),
    Column("until", Instant, nullable=False),
)
Index("uq_proofs_username", proofs.c.username, proofs.c.kind, unique=True)
Index("ix_proofs_until", proofs.c.until)

#: Settings that a person keeps between visits, in the form that the client chose. `version` counts the saves.
own_settings = Table(
    "own_settings",
    metadata,
    Column("username", String(60), primary_key=True),
    Column("content", Json, nullable=False),
    Column("version", Integer, nullable=False),
)
