"""The public list of the applications that a call's signed decisions propose to recognise (公示名单, A6(2))."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.domain.acts import decision_act
from services.application.domain.application import Application
from services.application.repository import cases, organisations
from services.application.tables import applications
from services.contracts.application.call_requests import CallContactDict
from services.kernel import document_statement
from services.kernel.clock import local_date
from services.kernel.document_statement import DocumentStatement
from services.kernel.errors import NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Signer

#: The statuses in which an application is on the public list of its decision list. An application whose recognition is held is
#: not on it.
_LISTED = ("publicised", "recognised")


def publicity_list_paper(
    session: Session, actor: Actor, signer: Signer, *, call: str, list: str, contact: CallContactDict | None = None
) -> DocumentStatement:
    """Return the facts of the public list of applications that are publicised together, with the document number that their
    decisions share. Every client may read it. Raises NotFound before the decisions are signed."""
    call_row = cases.call(session, call)
    in_call = (applications.c.call_id == call, applications.c.status.in_(_LISTED))
    decided = session.scalars(select(Application).where(*in_call).order_by(applications.c.id))
    listed = [
        each for each in decided if each.decision and (decision_list := each.decision.get("list")) and decision_list["id"] == list
    ]
    decision = listed[0].decision if listed else None
    if decision is None:
        raise NotFound("decision_list_not_found", "没有这一公示名单。", "There is no such public list.")
    names = organisations.names(session, [each.lead or "" for each in listed])
    publicity_ends = max(each.publicity_ends for each in listed if each.publicity_ends)
    return document_statement.document_statement(
        signer,
        actor,
        paper="publicity_list",
        subject=f"decision-list/{list}",
        version="1",
        bureau=PROVINCE,
        recommender=None,
        facts={
            "title": decision["list"]["title"],
            "call_title": call_row.title,
            "contact": call_row.contact or contact,
            "on": decision["on"],
            "ends_on": local_date(publicity_ends).isoformat(),
            "items": [_item(each, names) for each in listed],
        },
        # The decisions of the list and the list itself are one act with one number.
        act=decision_act(listed[0].version, "approved", PROVINCE, decision) | {"kind": "decision"},
    )


class ListedApplication(TypedDict):
    """An application on the public list, with the titles of its waived rules."""

    name: str | None
    lead: str | None
    recommender: str | None
    units: int
    waived: list[dict[str, str]]


def _item(application: Application, names: dict[str, str | None]) -> ListedApplication:
    waivers = application.decision["waivers"] if application.decision else []
    return {
        "name": application.name,
        "lead": names.get(application.lead or "") or application.lead,
        "recommender": application.recommender,
        "units": len(application.units),
        "waived": [waiver["title"] for waiver in waivers if "title" in waiver],
    }
