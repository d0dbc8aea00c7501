"""The gateway's own requests and answers: tokens, accounts, registrations, bureaus, the audit log, sweeps."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from services.contracts.common import (
    Answer,
    Body,
    Day,
    FieldMessage,
    Flag,
    Page,
    Region,
    Uscc,
    code,
    one_of,
    page_of,
    secret,
    text,
)
from services.contracts.gateway.events import EVENTS
from services.contracts.labels import codes_of
from services.contracts.roles import ROLES
from services.contracts.text_fields import Bounded, email, phone, username, verbatim

__all__ = ["EVENTS"]

ORGANISATION_KINDS = codes_of("organisation_kind")
REGISTRATION_STATUSES = ("pending", "approved", "refused")
_MOST = 50


def several(inner: fields.Field[Any], *, least: int = 0, most: int = _MOST, **kwargs: Any) -> fields.List[Any]:
    said = FieldMessage("list_length", f"请填写 {least} 至 {most} 项。", f"Give {least} to {most} items.")
    return fields.List(inner, validate=validate.Length(least, most, error=said), **kwargs)


class Credentials(Body):
    username = secret(60, required=True)
    password = secret(200, required=True)
    code = code(40, load_default=None, allow_none=True, metadata={"description": "where a second factor is on"})


class TokenAnswer(Answer):
    """A login token. `renew_by`: the last time at which POST /auth/renewal issues the next token; every renewal sets a later
    time. `session_ends_at`: the end of the login, which renewals do not change."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})
    renew_by = fields.AwareDateTime(required=True)
    session_ends_at = fields.AwareDateTime(required=True)


class DemonstrationLogin(Body):
    username = text(60, one_line=True, required=True)


class DemonstrationAccount(Answer):
    username = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    bureau = fields.String(required=True, allow_none=True)
    bureau_name = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    organisation_name = fields.String(required=True, allow_none=True)


class LoginMethods(Answer):
    """The ways to log in. `sso`: the `issuer` of the identity provider whose tokens are accepted, or null; with `client_id`,
    people may log in there in the browser (GET /auth/sso). `demonstration`: whether this client may use `accounts` without a
    password (on a demonstration platform, from the same machine only)."""

    password = fields.Boolean(required=True)
    sso = fields.Dict(fields.String(), fields.String(), required=True, allow_none=True)
    demonstration = fields.Boolean(required=True)
    accounts = fields.List(fields.Nested(DemonstrationAccount), required=True)


class SingleSignOn(Answer):
    """The constant part of an authorization request (OpenID Connect Core 1.0). Add `response_type=code`, `redirect_uri`, `state`,
    `nonce`, `code_challenge` and `code_challenge_method=S256`. `issuer_in_response`: the provider's answer names its issuer in
    `iss`, which must be `issuer` (RFC 9207)."""

    issuer = fields.String(required=True)
    client_id = fields.String(required=True)
    authorization_endpoint = fields.String(required=True)
    scope = fields.String(required=True)
    end_session_endpoint = fields.String(
        required=True, allow_none=True, metadata={"description": "where the browser logs out at the provider"}
    )
    issuer_in_response = fields.Boolean(required=True)


class CodeExchange(Body):
    """An authorization code of the provider, with the values of the request that it answers."""

    code = secret(4_000, required=True)
    code_verifier = Bounded(verbatim, 43, 128, required=True, metadata={"description": "RFC 7636"})
    redirect_uri = secret(1_000, required=True)
    nonce = secret(200, required=True)


class ExpertData(Body):
    """The facts about an expert that reveal conflicts of interest, and the fields on which the expert is consulted."""

    employer = Uscc(required=True)
    former_employers = several(Uscc(), load_default=list)
    fields_ = several(text(100), load_default=list, data_key="fields", attribute="fields")
    declared_interests = several(Uscc(), load_default=list)


class NewAccount(Body):
    username = username(required=True)
    password = secret(200, required=True)
    roles = several(one_of(*ROLES, of="role"), least=1, most=len(ROLES), required=True)
    bureau = code(20, load_default=None, allow_none=True)
    organisation = Uscc(load_default=None, allow_none=True)
    name = text(60, required=True)
    phone = phone(load_default=None, allow_none=True)
    email = email(load_default=None, allow_none=True)
    expert = fields.Nested(ExpertData, load_default=None, allow_none=True)


class AccountChange(Body):
    """A change of an account. The fields that are sent replace the stored ones; the others stay."""

    password = secret(200)
    roles = several(one_of(*ROLES, of="role"), least=1, most=len(ROLES))
    bureau = code(20, allow_none=True)
    organisation = Uscc(allow_none=True)
    name = text(60)
    phone = phone(allow_none=True)
    email = email(allow_none=True)
    expert = fields.Nested(ExpertData, allow_none=True)
    active = Flag()
    external = text(
        600,
        one_line=True,
        allow_none=True,
        metadata={"description": "issuer#subject of the person at the identity provider, to log in there too"},
    )
    delegation = fields.Raw(
        validate=validate.OneOf(
            [None], error=FieldMessage("not_null", "此处只能留空，使其成为持有人。", "Only nothing: its holder now.")
        ),
        allow_none=True,
        metadata={"description": "null makes a delegate the holder of the organisation's account", "type": "null"},
    )


class ExpertAnswer(Answer):
    employer = fields.String(required=True)
    former_employers = fields.List(fields.String(), required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    declared_interests = fields.List(fields.String(), required=True)


class DelegationData(Answer):
    """A delegation: a colleague works for the organisation through this account. `by`: the account that created the delegation.
    `may_sign`: the account may also bind the organisation. `closed_by`: the holder who closed the account. If a closed account
    has no `closed_by`, the operator closed it, and only the operator can open it."""

    by = fields.String(required=True)
    may_sign = fields.Boolean(required=True)
    until = fields.Date(required=True, allow_none=True)
    closed_by = fields.String()


class AccountAnswer(Answer):
    """An account. Phone and e-mail are masked, except in the account's own answer at `/me`."""

    username = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    roles = fields.List(one_of(*ROLES, of="role"), required=True)
    bureau = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    expert = fields.Nested(ExpertAnswer, required=True, allow_none=True)
    active = fields.Boolean(required=True)
    external = fields.String(required=True, allow_none=True)
    delegation = fields.Nested(DelegationData, required=True, allow_none=True)
    second_factor = fields.Boolean(required=True, metadata={"description": "whether logins ask for a code"})
    verified = fields.List(
        one_of("email", "phone", of="contact_kind"), required=True, metadata={"description": "addresses proved by a code"}
    )
    created_at = fields.AwareDateTime(required=True)
    etag = fields.Integer(required=True)


AccountPage = page_of(AccountAnswer)


class OwnAccountAnswer(AccountAnswer):
    """The client's own account. `acting_for`: the chief in whose name the account signs today; `roles` then also contains
    `chief`."""

    acting_for = fields.String(required=True, allow_none=True)


class AccountQuery(Page):
    bureau = code(20, load_default=None)
    organisation = Uscc(load_default=None)


class Contact(Body):
    name = text(60, required=True)
    phone = phone(required=True)
    email = email(load_default=None, allow_none=True)


class NewRegistration(Body):
    uscc = Uscc(required=True)
    name = text(200, required=True)
    region = Region(required=True)
    kind = one_of(*ORGANISATION_KINDS, of="organisation_kind", required=True)
    contact = fields.Nested(Contact, required=True)
    username = username(required=True)
    password = secret(200, required=True)


class RegistrationReceipt(Answer):
    """The answer to a registration: the bureau that decides it, and the receipt with which the organisation can ask for its
    status. The answer is the same whether the name is in use or not."""

    id = fields.String(required=True)
    receipt = fields.String(required=True)
    uscc = fields.String(required=True)
    username = fields.String(required=True)
    bureau = fields.String(required=True)
    status = one_of(*REGISTRATION_STATUSES, of="registration_status", required=True)


class RegistrationStatus(Answer):
    """The status of a registration. `username` is the account's name once the registration is approved: the bureau may have
    assigned another name than the requested one. `reason`: the reason for a refusal."""

    receipt = fields.String(required=True)
    status = one_of(*REGISTRATION_STATUSES, of="registration_status", required=True)
    bureau = fields.String(required=True)
    username = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    requested_at = fields.AwareDateTime(required=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class ContactAnswer(Answer):
    name = fields.String(required=True)
    phone = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)


class RegistrationAnswer(Answer):
    """A registration. `username_taken` and `organisation_has_account` say what prevents the approval of a pending registration;
    null once it is decided."""

    id = fields.String(required=True)
    uscc = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    kind = one_of(*ORGANISATION_KINDS, of="organisation_kind", required=True)
    contact = fields.Nested(ContactAnswer, required=True)
    username = fields.String(required=True)
    bureau = fields.String(required=True)
    status = one_of(*REGISTRATION_STATUSES, of="registration_status", required=True)
    reason = fields.String(required=True, allow_none=True)
    requested_at = fields.AwareDateTime(required=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    username_taken = fields.Boolean(required=True, allow_none=True)
    organisation_has_account = fields.Boolean(required=True, allow_none=True)


RegistrationPage = page_of(RegistrationAnswer)


class RegistrationQuery(Page):
    status = one_of(*REGISTRATION_STATUSES, of="registration_status", load_default=None)


class RegistrationDecision(Body):
    """The decision on a registration. `username` assigns another name than the requested one, for example if that is in use."""

    decision = one_of("approve", "refuse", of="registration_decision", required=True)
    reason = text(500, load_default=None, allow_none=True, metadata={"description": "required to refuse"})
    username = username(load_default=None, allow_none=True)


class BureauAnswer(Answer):
    code = fields.String(required=True)
    tier = one_of("province", "city", "industry", of="bureau_tier", required=True)
    name = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)


class BureauTree(BureauAnswer):
    children = fields.List(fields.Nested(BureauAnswer), required=True)


class SweepRequest(Body):
    as_of = Day(required=True)


class SweepStep(Answer):
    """One step of a sweep: `did` is its result, or `error` the reason why it failed."""

    service = fields.String(required=True)
    sweep = fields.String(required=True)
    id = fields.String(required=True)
    did = fields.Raw(allow_none=True)
    error = fields.String()


class SweepAnswer(Answer):
    as_of = fields.Date(required=True)
    done = fields.List(fields.Nested(SweepStep), required=True)
    away = fields.List(fields.String(), required=True, metadata={"description": "bureaus whose review was not reached"})
