"""The rows of identity's tables as typed mappings, so that a misspelt column is found by mypy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict, cast

from sqlalchemy import Row

from services.contracts.gateway.answers import ContactAnswerDict, DelegationDataDict, ExpertAnswerDict, PoolLineAnswerDict
from services.kernel.persistence.typed_rows import typed_row


class SecondFactor(TypedDict):
    """The second factor of an account. `secret` is encrypted; `step` is the time step (period of 30 seconds) of the last code
    used; `recovery` contains the digests of recovery codes."""

    secret: str
    confirmed: bool
    step: int
    recovery: list[str]


class Pool(TypedDict):
    """A reviewer's term in the province's pool. `reminded`: the last day of the term about whose end the province has been
    reminded."""

    until: str | None
    history: list[PoolLineAnswerDict]
    reminded: NotRequired[str | None]


class AccountFields(TypedDict):
    """The columns of every account, new or stored."""

    username: str
    name: str
    phone: str | None
    email: str | None
    roles: list[str]
    bureau: str | None
    organisation: str | None
    expert: ExpertAnswerDict | None


class NewAccount(AccountFields):
    """The data of a new account; `add` sets the remaining columns."""

    password_hash: NotRequired[str | None]
    external: NotRequired[str | None]
    delegation: NotRequired[DelegationDataDict | None]
    pool: NotRequired[Pool | None]


class AccountRow(AccountFields):
    """A row of `accounts`; see the table's comment."""

    password_hash: str | None
    external: str | None
    second_factor: SecondFactor | None
    delegation: DelegationDataDict | None
    pool: Pool | None
    active: bool
    version: int
    created_at: datetime
    erased_at: datetime | None
    verified: list[str] | None


class DemoOrganisation(TypedDict):
    """An organisation of the demonstration, and the name of its account."""

    uscc: str
    name: str
    region: str
    kind: str
    username: str


class Claims(TypedDict):
    """The identity provider's claims about a person that become the fields of an account."""

    username: str
    name: str
    email: str | None
    roles: list[str]
    bureau: str | None
    organisation: str | None


class RegistrationRequest(DemoOrganisation):
    """The data that an organisation gives when it requests its first account."""

    contact: ContactAnswerDict


class DelegationChanges(TypedDict, total=False):
    """The fields of a delegation to change."""

    may_sign: bool
    until: str | None
    active: bool


class RegistrationRow(RegistrationRequest):
    """A row of `registrations`; the columns that no official sees are missing in lists."""

    id: str
    bureau: str
    status: str
    reason: str | None
    requested_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    password_hash: NotRequired[str | None]
    receipt: NotRequired[str | None]


class ApiKeyRow(TypedDict):
    """A row of `api_keys`."""

    id: str
    username: str
    name: str
    digest: str
    scopes: list[str]
    per_minute: int
    per_day: int
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class ActingChiefRow(TypedDict):
    """A row of `acting_chiefs`."""

    id: str
    bureau: str
    account: str
    acts_for: str
    from_on: date
    until: date
    reason: str
    appointed_by: str
    appointed_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_reason: str | None


def account_row(row: Row[Any]) -> AccountRow:
    return typed_row(AccountRow, row)


def new_account(fields: Mapping[str, object]) -> NewAccount:
    return cast(NewAccount, fields)


def changed_account(before: AccountRow, changes: Mapping[str, object]) -> AccountRow:
    """Return the row with these columns changed. The change is not stored."""
    return cast(AccountRow, {**before, **changes})
