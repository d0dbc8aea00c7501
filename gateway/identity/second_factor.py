"""The second factor: time-based codes (RFC 6238) from an app, and recovery codes on paper for a lost telephone."""

from __future__ import annotations

import hashlib
import secrets

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import lock_account
from gateway.identity.rows import AccountRow, SecondFactor
from gateway.identity.tables import accounts
from services.contracts.gateway.answers import RecoveryCodesDict, SecondFactorSecretDict, SecondFactorStateDict
from services.input.text import clean_one_time_code
from services.kernel.clock import real_now
from services.kernel.errors import Conflict, Invalid, Unauthenticated
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence.unit_of_work import audit_only
from services.kernel.vault import Vault

ISSUER = "桂创 Guichuang"
#: The length in seconds of the period for which a code is made, and the number of such periods by which a telephone's clock may
#: be wrong.
STEP, AWAY = 30, 1
#: The number of recovery codes for a lost telephone; each works once.
RECOVERY_CODES = 10


def is_on(row: AccountRow) -> bool:
    """Return whether logins of this account require a code."""
    return bool(row["second_factor"] and row["second_factor"]["confirmed"])


def start_second_factor(session: Session, vault: Vault, actor: Actor) -> SecondFactorSecretDict:
    """Create a new secret for the actor's app. It takes effect when one of its codes is confirmed. Raises Conflict if a second
    factor is switched on already."""
    row = _own_account(session, actor)
    if is_on(row):
        raise Conflict(
            "second_factor_on",
            "已启用两步验证；如需更换，请先停用。",
            "The second factor is on already; switch it off first to change it.",
        )
    secret = pyotp.random_base32()
    _store_factor(session, actor.username, {"secret": vault.seal(secret), "confirmed": False, "step": 0, "recovery": []})
    return {"secret": secret, "uri": pyotp.TOTP(secret).provisioning_uri(name=actor.username, issuer_name=ISSUER)}


def confirm_second_factor(session: Session, vault: Vault, actor: Actor, code: str) -> RecoveryCodesDict:
    """Switch the second factor on: logins need a code from now on. Return the recovery codes, which are shown once only. Raises
    Invalid for a wrong code."""
    row = _own_account(session, actor)
    factor = row["second_factor"]
    if factor is None or factor["confirmed"]:
        raise Conflict("second_factor_not_started", "请先申请两步验证密钥。", "Ask for a secret first.")
    step = _step_of(vault.open(factor["secret"]), code, after=0)
    if step is None:
        raise Invalid.field(
            "/code", "wrong_code", "验证码不正确，请核对手机时间后重试。", "The code is wrong; check the telephone's clock."
        )
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    confirmed_factor = factor | {"confirmed": True, "step": step, "recovery": [_digest(code) for code in codes]}
    _store_factor(session, actor.username, confirmed_factor)
    audit_only(session, "second_factor.on", f"account/{actor.username}", bureau=actor.bureau or PROVINCE)
    return {"recovery_codes": codes}


def remove_second_factor(session: Session, actor: Actor, username: str) -> SecondFactorStateDict:
    """Switch the second factor of an account off. The owner may do this (after a password check), or the operator for a person
    who lost both the telephone and the codes."""
    if username != actor.username:
        actor.require("operator")
    lock_account(session, username)
    _store_factor(session, username, None)
    audit_only(session, "second_factor.off", f"account/{username}", bureau=actor.bureau or PROVINCE)
    return {"second_factor": False}


def check(session: Session, vault: Vault, row: AccountRow, code: str | None) -> None:
    """Raise Unauthenticated unless the code is valid, if the account requires one. Each code is accepted only once, so that an
    observed code cannot be used again."""
    factor = row["second_factor"]
    if factor is None or not factor["confirmed"]:
        return
    if code is None:
        raise Unauthenticated("code_required", "请填写手机应用上的六位验证码。", "Give the code of your app.")
    step = _step_of(vault.open(factor["secret"]), code, after=factor["step"])
    if step is not None:
        _store_factor(session, row["username"], {**factor, "step": step})
    elif _digest(code) in factor["recovery"]:
        unused_codes = [digest for digest in factor["recovery"] if digest != _digest(code)]
        _store_factor(session, row["username"], {**factor, "recovery": unused_codes})
        audit_only(session, "second_factor.recovery_used", f"account/{row['username']}", bureau=row["bureau"] or PROVINCE)
    else:
        raise Unauthenticated(
            "wrong_code", "验证码不正确或已使用，请等下一个。", "The code is wrong or was used; wait for the next."
        )


def sealed_before(session: Session, vault: Vault) -> list[str]:
    """Sweep: return the accounts whose secret is encrypted with a previous key, which will be removed."""
    if not vault.has_several_keys:
        return []
    rows = session.execute(select(accounts.c.username, accounts.c.second_factor).where(accounts.c.second_factor.is_not(None)))
    return [row.username for row in rows if not vault.newest(row.second_factor["secret"])]


def reseal(session: Session, vault: Vault, id: str) -> str:
    """Sweep: encrypt an account's secret again, with the newest key."""
    if factor := lock_account(session, id)["second_factor"]:
        _store_factor(session, id, factor | {"secret": vault.seal(vault.open(factor["secret"]))})
    return "sealed"


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """Return the time step for which a code is right; None if the code is wrong, or not later than the last used one."""
    now = int(real_now().timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for step in range(now - AWAY, now + AWAY + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step).encode(), clean_one_time_code(code).encode()):
            return step
    return None


def _own_account(session: Session, actor: Actor) -> AccountRow:
    row = lock_account(session, actor.username)
    if row["password_hash"] is None:
        raise Conflict(
            "external_account",
            "该账号由统一身份认证登录，请在那里设置两步验证。",
            "This account logs in at the identity provider; set its second factor there.",
        )
    return row


def _store_factor(session: Session, username: str, factor: SecondFactor | None) -> None:
    session.execute(update(accounts).where(accounts.c.username == username).values(second_factor=factor))


def _digest(code: str) -> str:
    return hashlib.sha256(clean_one_time_code(code).encode()).hexdigest()
