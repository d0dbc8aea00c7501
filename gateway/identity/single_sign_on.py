"""People who log in through the province's single sign-on. Each person gets an account at the first login; later logins update
the account from the provider's claims."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import add, find, publish_account_event
from gateway.identity.answers import ExternalAccount, Login
from gateway.identity.domain import check_account, delegation_over
from gateway.identity.rows import AccountRow, Claims, NewAccount, account_row, changed_account
from gateway.identity.sessions import insert_session, may_sign
from gateway.identity.tables import accounts
from services.kernel.clock import Clock
from services.kernel.errors import DomainError, Unauthenticated
from services.kernel.identity import PROVINCE
from services.kernel.persistence.unit_of_work import audit_only

#: The fields that later logins update from the provider's claims, for an account without a password on this platform.
_FOLLOWED = ("name", "email", "roles", "bureau", "organisation")


def see_external(session: Session, clock: Clock, external: str, said: Claims) -> ExternalAccount:
    """Return the account of a person at the identity provider (`issuer#subject`), updated from the claims in the person's token.
    An account that the operator linked to the person keeps the data that the operator entered. Raises Unauthenticated if the
    account is closed, or if the claims form no valid account."""
    account = _current_account(session, clock, external, said)
    return {
        "username": account["username"],
        "name": account["name"],
        "roles": account["roles"],
        "bureau": account["bureau"],
        "organisation": account["organisation"],
        "version": account["version"],
        "may_sign": may_sign(account),
    }


def open_external_session(session: Session, clock: Clock, external: str, said: Claims, seconds: int, client: str | None) -> Login:
    """Open a session of a person who logged in at the identity provider in the browser; returns the contents of its token. The
    provider is responsible for a second factor. Raises Unauthenticated as `see_external`."""
    account = _current_account(session, clock, external, said)
    login = insert_session(session, account, seconds, client)
    audit_only(session, "session.opened_by_sso", f"account/{account['username']}", bureau=account["bureau"] or PROVINCE)
    return login


def _current_account(session: Session, clock: Clock, external: str, claims: Claims) -> AccountRow:
    account = _linked_account(session, external) or _create_account(session, clock, external, claims)
    if account["password_hash"] is None:
        account = _update_from_claims(session, account, claims)
    if not account["active"] or delegation_over(account["delegation"]):
        raise Unauthenticated(
            "account_closed",
            "该账号在本平台已停用，请联系平台管理员。",
            "This account is closed here; please ask the platform's operator.",
        )
    return account


def _create_account(session: Session, clock: Clock, external: str, claims: Claims) -> AccountRow:
    # No username chosen on this platform contains an @, so this name cannot belong to an account with a password.
    username, number = f"{claims['username']}@sso", 1
    while find(session, username):
        number += 1
        username = f"{claims['username']}-{number}@sso"
    account: NewAccount = {
        "username": username,
        "name": claims["name"],
        "email": claims["email"],
        "roles": claims["roles"],
        "bureau": claims["bureau"],
        "organisation": claims["organisation"],
        "password_hash": None,
        "external": external,
        "phone": None,
        "expert": None,
    }
    try:
        return add(session, clock, account)
    except DomainError as error:
        # If several first requests of the person run concurrently, another one may have created the account already.
        if existing := _linked_account(session, external):
            return existing
        raise _claims_not_usable(error) from None


def _linked_account(session: Session, external: str) -> AccountRow | None:
    row = session.execute(select(accounts).where(accounts.c.external == external)).one_or_none()
    return account_row(row) if row else None


def _update_from_claims(session: Session, before: AccountRow, claims: Claims) -> AccountRow:
    followed = {name: claims.get(name) for name in _FOLLOWED}
    if all(before.get(name) == value for name, value in followed.items()):
        return before
    after = changed_account(before, {**followed, "version": before["version"] + 1})
    try:
        check_account(after)
    except DomainError as error:
        raise _claims_not_usable(error) from None
    session.execute(update(accounts).where(accounts.c.username == before["username"]).values(**after))
    publish_account_event(session, before, after)
    return after


def _claims_not_usable(error: DomainError) -> Unauthenticated:
    zh = "；".join(item.text.zh for item in error.errors) or error.text.zh
    en = " ".join(item.text.en for item in error.errors) or error.text.en
    return Unauthenticated(
        "claims_not_usable",
        f"统一身份认证提供的角色或单位不能在本平台使用：{zh}请联系平台管理员。",
        f"What the identity provider says of you makes no account here: {en} Please ask the platform's operator.",
    )
