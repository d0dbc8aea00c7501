"""The province replaces a nomination that was made by mistake, until its call closes (A9(3)2)."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy.orm import Session

from services.application.access import readable_consortium, require_alive, require_province
from services.application.commands.request_support import beneficiaries, person_key, publish_support_step
from services.application.domain.entitlement import require_new_person
from services.application.domain.support import Support, require_beneficiary
from services.application.repository import cases, register, supports
from services.contracts.application.register_payloads import SupportReplaced
from services.contracts.application.support_requests import SupportReplacementDict
from services.contracts.application.support_responses import SupportAnswerDict
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock, received_instant
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def replace_nomination(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    request: str,
    replacement: SupportReplacementDict,
    documents_statement: str | None = None,
    received_at: float | None = None,
) -> SupportAnswerDict:
    """Record another person in place of the one nominated in a round, with the reason. The first nomination stays readable but no
    longer counts against the limit of the round and the limit in total; the new nomination counts in its place. The replacement
    is accepted if the gateway received it (`received_at`) before the call closed.

    Raises Forbidden for any actor but the province, NotFound, Conflict if the call is no longer open or the nomination was
    replaced already, Invalid for a person who is not eligible for the measure.
    """
    readable_consortium(session, actor, id)
    require_province(actor)
    consortium = register.consortium(session, id, lock=True)
    require_alive(consortium)
    replaced = supports.request(session, id, request, lock=True)
    policy = policies.get(replaced.policy)
    measure = next(measure for measure in policy.measures if measure.measure == replaced.measure)
    before, successor = replaced.state(), new_id()
    replaced.replace(successor, replacement["reason"], clock.today())
    cases.call(session, replaced.round or "", lock=True).require_open(received_instant(clock, received_at))
    require_beneficiary(measure, replacement["person"], None, beneficiaries(session, id))
    person = person_key(replacement["person"])
    session.flush()
    require_new_person(measure, supports.uses(session, id), person)
    unchanged = {field.name: getattr(replaced, field.name) for field in fields(Support)}
    replacing = Support(
        **unchanged
        | {
            "id": successor,
            "status": "recorded",
            "person": replacement["person"],
            "person_key": person,
            "reason": replacement["reason"],
            "papers": verified_attachments(verifier, documents_statement, replacement["documents"], subject=f"consortium/{id}"),
            "requested_on": clock.today(),
            "requested_by": actor.username,
            "decision": None,
            "ended_on": None,
            "revision": 1,
            "created_at": clock.now(),
            "replaces": replaced.id,
            "replaced_by": None,
        }
    )
    session.add(replacing)
    session.flush()
    home = consortium.recommender
    unit_of_work.audit_only(
        session,
        "support.replaced",
        replaced.subject,
        bureau=home,
        article=measure.citation,
        before=before,
        after=replaced.state(),
    )
    event = SupportReplaced(replaces=replaced.id, round=replaced.round or "", reason=replacement["reason"])
    publish_support_step(session, "support.replaced", replacing, consortium, event, before=None, article=measure.citation)
    return replacing.answer()
