"""The public list of the applications that a call's signed decisions propose to recognise (公示名单, A6(2))."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.domain.acts import decision_act
from services.application.domain.application import Application
from services.application.repository import cases, organisations
from services.application.tables import applications
from services.kernel import document_statement
from services.kernel.clock import local_date
from services.kernel.errors import NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Signer

#: The statuses in which an application is on its list. While its recognition is held, it is not.
_LISTED = ("publicised", "recognised")


def publicity_list_paper(session: Session, actor: Actor, signer: Signer, *, call: str, list: str) -> dict[str, Any]:
    """Return the facts of the public list of applications that are publicised together, with the document number that their
    decisions share. Every client may read it. Raises NotFound before the decisions are signed."""
    of = cases.call(session, call)
    mine = (applications.c.call_id == call, applications.c.status.in_(_LISTED))
    known = session.scalars(select(Application).where(*mine).order_by(applications.c.id))
    found = [each for each in known if _list_of(each) == list]
    if not found:
        raise NotFound("decision_list_not_found", "没有这一公示名单。", "There is no such public list.")
    names = organisations.names(session, [each.lead or "" for each in found])
    made = found[0].decision or {}
    ends = max(each.publicity_ends for each in found if each.publicity_ends)
    return document_statement.document_statement(
        signer,
        actor,
        paper="publicity_list",
        subject=f"decision-list/{list}",
        version="1",
        bureau=PROVINCE,
        recommender=None,
        facts={
            "title": made["list"]["title"],
            "call_title": of.title,
            "contact": of.contact,
            "on": made["on"],
            "ends_on": local_date(ends).isoformat(),
            "items": [_item(each, names) for each in found],
        },
        # The decisions of the list and the list itself are one act with one number.
        act=decision_act(found[0].version, "approved", PROVINCE, made) | {"kind": "decision"},
    )


def _list_of(application: Application) -> str | None:
    return ((application.decision or {}).get("list") or {}).get("id")


def _item(application: Application, names: dict[str, str | None]) -> dict[str, Any]:
    waivers = (application.decision or {}).get("waivers") or ()
    return {
        "name": application.name,
        "lead": names.get(application.lead or "") or application.lead,
        "recommender": application.recommender,
        "units": len(application.units),
        "waived": [waiver["title"] for waiver in waivers if "title" in waiver],
    }
