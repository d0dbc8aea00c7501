"""Settings that a person keeps between visits: filters, saved phrases, text size. The client chooses the members of this JSON
object. Only the account itself can read the object, and it is deleted with the account."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.identity.accounts import lock_unerased_account
from gateway.identity.tables import own_settings
from services.contracts.gateway.answers import OwnSettingsAnswerDict
from services.contracts.payload import JsonObject
from services.kernel.errors import PreconditionFailed, TooLarge
from services.kernel.identity import Actor
from services.kernel.persistence.database import insert_into

#: The largest size of one account's settings in bytes, as compact JSON in UTF-8.
LARGEST = 16 * 1024


def get_settings(session: Session, actor: Actor) -> OwnSettingsAnswerDict:
    """Query: return the actor's settings; an empty object if none were saved."""
    row = session.execute(select(own_settings).where(own_settings.c.username == actor.username)).one_or_none()
    return {"content": row.content, "etag": str(row.version)} if row else {"content": {}, "etag": "0"}


def put_settings(session: Session, actor: Actor, content: JsonObject, if_match: str | None) -> OwnSettingsAnswerDict:
    """Replace the version `if_match` (None: any version) with `content`. Raises PreconditionFailed if another version is stored,
    TooLarge if `content` exceeds the limit."""
    if len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST:
        raise TooLarge(
            "settings_too_large",
            f"个人设置超过 {LARGEST // 1024} KiB，未能保存；请删减常用意见。",
            f"These are more than {LARGEST // 1024} KiB and were not saved; remove some phrases.",
        )
    lock_unerased_account(session, actor.username)  # Lock the account, so that concurrent saves run one after the other.
    stored = get_settings(session, actor)
    if if_match not in (None, stored["etag"]):
        raise PreconditionFailed(
            "version_changed",
            "个人设置已在其他页面修改，请重新读取后再改。",
            "The settings were changed elsewhere; read them again.",
            etag=stored["etag"],
        )
    values = {"content": content, "version": int(stored["etag"]) + 1}
    statement = insert_into(session.get_bind().dialect.name, own_settings).values(username=actor.username, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[own_settings.c.username], set_=values))
    return {"content": content, "etag": str(values["version"])}
