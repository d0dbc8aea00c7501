"""The requests and answers about an account's own data: sessions, second factor, colleagues, keys, personal data."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer, Body, Day, Flag, Moment, Page, code, one_of, page_of, secret, text, whole
from services.contracts.gateway.requests import AccountAnswer, ContactAnswer, several
from services.contracts.text_fields import AsTyped, email, phone, username

SCOPES = ("read", "write", "events", "webhooks")


class PasswordChange(Body):
    current = secret(200, required=True)
    new = secret(200, required=True)


class PasswordProof(Body):
    """The account's password, entered again as proof. Accounts of the identity provider have no password here and leave it
    out."""

    password = secret(200, load_default=None, allow_none=True)


class ContactChange(PasswordProof):
    """New addresses of an account; null removes an address. A new address is used only after the code that was sent to it has
    been entered."""

    email = email(allow_none=True)
    phone = phone(allow_none=True)


class OwnAccount(AccountAnswer):
    """The account of the client itself. `pending`: addresses to which a code was sent that has not been entered yet."""

    pending = fields.List(one_of("email", "phone", of="contact_kind"), required=True)


class ResetRequest(Body):
    username = code(60, required=True)


class ResetAccepted(Answer):
    """The answer to a request for a new password. The answer is the same for every account name. If the account has a verified
    e-mail address, a link is sent to this address, valid for `minutes`."""

    minutes = fields.Integer(required=True)


class NewPassword(Body):
    """A new password. `token` is part of the link that was sent."""

    token = secret(2000, required=True)
    password = secret(200, required=True)


class Code(Body):
    code = code(40, required=True)


class SecondFactorSecret(Answer):
    """The secret for the authenticator app, as text and as the content of its QR code. It is shown once."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class RecoveryCodes(Answer):
    """Recovery codes, shown once. Each code allows one login after the loss of the phone."""

    recovery_codes = fields.List(fields.String(), required=True)


class SecondFactorState(Answer):
    second_factor = fields.Boolean(required=True)


class SessionAnswer(Answer):
    id = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    client = fields.String(required=True, allow_none=True)
    current = fields.Boolean(required=True)


class SessionList(Answer):
    items = fields.List(fields.Nested(SessionAnswer), required=True)


class Closed(Answer):
    closed = fields.Integer(required=True, metadata={"description": "logins ended"})


class NewKey(Body):
    account = username(required=True)
    name = text(100, required=True)
    scopes = several(one_of(*SCOPES, of="scope"), least=1, most=len(SCOPES), required=True)
    expires_at = Moment(required=True)
    per_minute = whole(1, 6000, load_default=600)
    per_day = whole(1, 10_000_000, load_default=100_000)


class KeyAnswer(Answer):
    id = fields.String(required=True)
    account = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.List(one_of(*SCOPES, of="scope"), required=True)
    per_minute = fields.Integer(required=True)
    per_day = fields.Integer(required=True)
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)


class KeyOnce(KeyAnswer):
    key = fields.String(required=True, metadata={"description": "shown this once"})


KeyPage = page_of(KeyAnswer)


class KeyQuery(Page):
    account = code(60, load_default=None)


class NewDelegation(Body):
    """An account for a colleague in the same organisation. Without `may_sign` it prepares work that others submit."""

    username = username(required=True)
    password = secret(200, required=True)
    name = text(60, required=True)
    phone = phone(load_default=None, allow_none=True)
    email = email(load_default=None, allow_none=True)
    may_sign = Flag(load_default=False)
    until = Day(load_default=None, allow_none=True)


class DelegationChange(Body):
    may_sign = Flag()
    until = Day(allow_none=True)
    active = Flag()


class LookAnswer(Answer):
    """One occasion on which an account read personal data unmasked."""

    id = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    what = fields.String(required=True)
    correlation_id = fields.String(required=True)


LookPage = page_of(LookAnswer)


class OwnSession(Answer):
    opened_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    client = fields.String(required=True, allow_none=True)


class OwnRegistration(Answer):
    id = fields.String(required=True)
    contact = fields.Nested(ContactAnswer, required=True)
    requested_at = fields.AwareDateTime(required=True)
    status = fields.String(required=True)


class OwnLook(Answer):
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    what = fields.String(required=True)


class OwnSettings(Body):
    """The account's own settings: filters, usual phrases, text size and the like. The client chooses their form: a JSON object of
    at most 16 KiB."""

    content = AsTyped(required=True)


class OwnSettingsAnswer(Answer):
    content = fields.Dict(required=True)
    etag = fields.String(required=True)


class WorkingCopyContent(Body):
    """The unsaved content of a form. The client chooses its form: a JSON object of at most 256 KiB."""

    content = AsTyped(required=True)


class WorkingCopyItem(Answer):
    """A working copy: the unsaved content of a form. It is kept until `expires_at`, 90 days after it was saved last."""

    form = fields.String(required=True)
    subject = fields.String(required=True)
    saved_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    etag = fields.String(required=True)


class WorkingCopyAnswer(WorkingCopyItem):
    content = fields.Dict(required=True)


class WorkingCopyList(Answer):
    items = fields.List(fields.Nested(WorkingCopyItem), required=True)


class Deleted(Answer):
    deleted = fields.Integer(required=True)


class PendingContact(Answer):
    """A new address to which a code was sent that has not been entered yet."""

    kind = one_of("email", "phone", of="contact_kind", required=True)
    value = fields.String(required=True)


class IdentityData(Answer):
    account = fields.Nested(AccountAnswer, required=True)
    sessions = fields.List(fields.Nested(OwnSession), required=True)
    registrations = fields.List(fields.Nested(OwnRegistration), required=True)
    looks = fields.List(fields.Nested(OwnLook), required=True)
    working_copies = fields.List(fields.Nested(WorkingCopyItem), required=True)
    pending_contacts = fields.List(fields.Nested(PendingContact))
    settings = fields.Dict()


class OwnContact(Answer):
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


class OwnLetter(Answer):
    type = fields.String(required=True)
    channel = fields.String(required=True)
    state = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class NotificationData(Answer):
    """The addresses for notifications, and the messages sent there recently."""

    contact = fields.Nested(OwnContact, required=True, allow_none=True)
    letters = fields.List(fields.Nested(OwnLetter), required=True)


class OwnData(Answer):
    """All data that the platform keeps about a person, by service."""

    identity = fields.Nested(IdentityData, required=True)
    notification = fields.Nested(NotificationData, required=True)
