"""Turn the events of other services into messages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.kernel.messaging.envelope import Event
from services.kernel.settings import Settings
from services.notification import repository
from services.notification.domain import TEMPLATES, Case, facts_of

#: The subjects that the review service handles as cases.
REVIEWED = ("application/", "change/", "support/", "report/", "participation/")


def tell(session: Session, settings: Settings, event: Event[JsonObject]) -> None:
    """Reaction: store the messages about one event, for every audience that a template names."""
    case = _case(session, event)
    if case:
        case.learn(event.type, event.bureau, event.data)
    facts = facts_of(event.data, bureau=event.bureau, recommender=event.recommender, actor=event.actor["username"], case=case)
    for template in TEMPLATES:
        if template.type == event.type:
            repository.store_messages(session, settings, template.messages(facts, event.subject), event.occurred_at)


def _case(session: Session, event: Event[JsonObject]) -> Case | None:
    """Return the facts that earlier events contained about a case of the review service; None if the event is about no such case.
    The review service and the service that owns the subject both publish events about the case. Each service's events omit facts
    that the messages about the other service's events need."""
    subject = f"application/{event.data['application']}" if event.data.get("application") else event.subject
    return repository.case_of(session, subject) if subject.startswith(REVIEWED) else None
