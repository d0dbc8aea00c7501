"""Working copies: form input that a person has not submitted yet. A copy is encrypted for the account, and only its owner can
read it; the audit log and the events do not contain it. Instants are real time, not the domain's clock."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from gateway.identity.accounts import lock_unerased_account
from gateway.identity.tables import working_copies
from services.contracts.gateway.answers import DeletedDict, WorkingCopyAnswerDict, WorkingCopyItemDict, WorkingCopyListDict
from services.contracts.payload import JsonObject
from services.kernel.clock import Clock, real_now
from services.kernel.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, Text, TooLarge
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.vault import Vault

#: The largest size of a copy's content in bytes, as compact JSON in UTF-8.
LARGEST = 256 * 1024
#: The largest number of copies that one account can have.
MOST = 100
#: The number of days after its last save after which a copy is deleted.
KEPT_DAYS = 90
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]*")


def working_copy(session: Session, vault: Vault, actor: Actor, form: str, subject: str) -> WorkingCopyAnswerDict:
    """Query: return one of the actor's copies with its content. `form` and `subject` are names that the client chose. Raises
    NotFound if there is no such copy."""
    _check_names(form, subject)
    row = session.execute(select(working_copies).where(_copy_condition(actor, form, subject), _unexpired())).one_or_none()
    if row is None:
        raise _no_working_copy()
    try:
        content = json.loads(_vault_of(vault, actor.username).open(row.sealed))
    except ValueError:  # The copy cannot be decrypted: its key was lost.
        raise _no_working_copy() from None
    return {**_working_copy_item(row._mapping), "content": content}


def list_working_copies(session: Session, actor: Actor) -> WorkingCopyListDict:
    """Query: list the actor's copies without their content, the one saved last first."""
    names = ("form", "subject", "version", "saved_at")
    statement = select(*(working_copies.c[name] for name in names)).where(
        working_copies.c.username == actor.username, _unexpired()
    )
    rows = session.execute(statement.order_by(working_copies.c.saved_at.desc()).limit(MOST))
    return {"items": [_working_copy_item(row._mapping) for row in rows]}


def keep_working_copy(
    session: Session,
    vault: Vault,
    actor: Actor,
    form: str,
    subject: str,
    content: JsonObject,
    if_match: str | None,
    if_none: bool,
) -> WorkingCopyItemDict:
    """Save a copy: create it, or replace the version `if_match` (None: any version). With `if_none` it is saved only if there is
    no copy yet.

    Raises PreconditionFailed if another version is stored, TooLarge if the content is larger than `LARGEST`, Conflict if the
    account already has `MOST` copies.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > LARGEST:
        raise TooLarge(
            "working_copy_too_large",
            f"填写内容超过 {LARGEST // 1024} KiB，未能暂存；长篇材料请作为附件上传。",
            f"This is more than {LARGEST // 1024} KiB and was not saved; upload long papers as documents.",
        )
    _check_names(form, subject)
    lock_unerased_account(session, actor.username)  # Lock the account, so that concurrent saves run one after the other.
    row = session.execute(select(working_copies).where(_copy_condition(actor, form, subject))).one_or_none()
    version = row.version if row else None
    if (if_none and row) or if_match not in (None, version):
        raise _changed_elsewhere(version)
    values = {"sealed": _vault_of(vault, actor.username).seal(text), "version": new_id(), "saved_at": real_now()}
    if row is not None:
        session.execute(update(working_copies).where(working_copies.c.id == row.id).values(**values))
    else:
        _require_room(session, actor)
        values |= {"id": new_id(), "username": actor.username, "form": form, "subject": subject}
        session.execute(insert(working_copies).values(**values))
    return _working_copy_item({"form": form, "subject": subject} | values)


def drop_working_copy(session: Session, actor: Actor, form: str, subject: str, if_match: str | None) -> DeletedDict:
    """Delete one of the actor's copies; if `if_match` is given, only that version. Return the number of deleted copies; a
    repeated call deletes none."""
    _check_names(form, subject)
    lock_unerased_account(session, actor.username)
    version = session.execute(select(working_copies.c.version).where(_copy_condition(actor, form, subject))).scalar_one_or_none()
    if version is not None and if_match not in (None, version):
        raise _changed_elsewhere(version)
    session.execute(delete(working_copies).where(_copy_condition(actor, form, subject)))
    return {"deleted": int(version is not None)}


def past_working_copies(session: Session, clock: Clock) -> list[str]:
    """Sweep: return a list with one fixed word (all are deleted in one step) if there are copies that were last saved more than
    `KEPT_DAYS` days ago, otherwise an empty list."""
    return ["working_copies"] if session.execute(select(working_copies.c.id).where(~_unexpired()).limit(1)).first() else []


def forget_working_copies(session: Session, id: str) -> str:
    """Sweep: delete the copies that were last saved more than `KEPT_DAYS` days ago."""
    session.execute(delete(working_copies).where(~_unexpired()))
    return "forgotten"


def sealed_before(session: Session, vault: Vault) -> list[str]:
    """Sweep: return the copies that are encrypted with a previous key, which will be removed."""
    if not vault.has_several_keys:
        return []
    columns = (working_copies.c.id, working_copies.c.username, working_copies.c.sealed)
    rows = session.execute(select(*columns).execution_options(yield_per=50))
    return [row.id for row in rows if not _vault_of(vault, row.username).newest(row.sealed)]


def reseal(session: Session, vault: Vault, id: str) -> str:
    """Sweep: encrypt a copy again, with the newest key. Its version does not change, because its content is the same."""
    statement = select(working_copies.c.username, working_copies.c.sealed).where(working_copies.c.id == id)
    row = session.execute(statement.with_for_update()).one_or_none()
    if row is not None:
        own_vault = _vault_of(vault, row.username)
        sealed = own_vault.seal(own_vault.open(row.sealed))
        session.execute(update(working_copies).where(working_copies.c.id == id).values(sealed=sealed))
    return "sealed"


def _check_names(form: str, subject: str) -> None:
    """Raise Invalid for names that are too long, or that contain characters which do not occur in ids and codes."""
    bad = [
        FieldError(f"/{name}", "bad_name", Text("只能是字母、数字和 - _ . : @。", "Only letters, digits and - _ . : @."))
        for name, value, longest in (("form", form, 40), ("subject", subject, 100))
        if len(value) > longest or not _NAME.fullmatch(value)
    ]
    if bad:
        zh, en = "暂存内容的名称有误。", "This is no name of a working copy."
        raise Invalid("invalid_input", zh, en, errors=tuple(bad))


def _vault_of(vault: Vault, username: str) -> Vault:
    """Return the vault of one account; no other account can decrypt what it encrypts."""
    return vault.derived(f"working copies of {username}")


def _require_room(session: Session, actor: Actor) -> None:
    session.execute(delete(working_copies).where(working_copies.c.username == actor.username, ~_unexpired()))
    statement = select(func.count()).select_from(working_copies).where(working_copies.c.username == actor.username)
    if session.execute(statement).scalar_one() >= MOST:
        raise Conflict(
            "too_many_working_copies",
            f"暂存内容已达 {MOST} 份，请先提交或删除不再需要的暂存内容。",
            f"You have {MOST} working copies; send or delete those that you no longer need.",
        )


def _copy_condition(actor: Actor, form: str, subject: str) -> ColumnElement[bool]:
    table = working_copies.c
    return (table.username == actor.username) & (table.form == form) & (table.subject == subject)


def _unexpired() -> ColumnElement[bool]:
    return working_copies.c.saved_at >= real_now() - timedelta(days=KEPT_DAYS)


def _no_working_copy() -> NotFound:
    return NotFound("no_working_copy", "没有暂存的内容。", "There is no working copy.")


def _changed_elsewhere(version: str | None) -> PreconditionFailed:
    return PreconditionFailed(
        "version_changed",
        "暂存内容已在别处改动，请比较后再保存。",
        "The working copy was changed elsewhere; compare both before you save.",
        etag=version,
    )


def _working_copy_item(row: Any) -> WorkingCopyItemDict:
    saved: datetime = row["saved_at"]
    return {
        "form": row["form"],
        "subject": row["subject"],
        "saved_at": saved.isoformat(),
        "expires_at": (saved + timedelta(days=KEPT_DAYS)).isoformat(),
        "etag": row["version"],
    }
