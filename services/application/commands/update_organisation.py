"""An organisation enters its own data, or the province enters them for it (A5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlalchemy.orm import Session

from services.application.commands.hand_over import follow_lead
from services.application.commands.reevaluate_application import affected, recheck_all
from services.application.commands.reevaluate_consortium import evaluate_all
from services.application.commands.verify_organisation import follow_edit
from services.application.domain.consortium import Consortium
from services.application.domain.organisation import Facts, Organisation, mistakes
from services.application.repository import changes, organisations
from services.application.serializers import application_serializers
from services.contracts.application.organisation_requests import OrganisationDict
from services.contracts.application.organisation_responses import OrganisationAnswerDict
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden, Invalid, PreconditionFailed
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import version_tag
from services.policy import Policies, city_bureau_of, is_valid_uscc


def put_organisation(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    uscc: str,
    organisation: OrganisationDict,
    if_match: str | None = None,
) -> OrganisationAnswerDict:
    """Create the organisation's entry or replace all its data. Verdicts that were frozen before do not change (A5). The
    recognised consortia of the organisation are evaluated again. The verification of each fact that changes ends.

    Raises Forbidden for another organisation's applicant, Invalid for a wrong code and for impossible data, PreconditionFailed if
    `if_match` is not the present version.
    """
    if not is_valid_uscc(uscc):
        raise Invalid.field(
            "/uscc",
            "bad_uscc",
            "统一社会信用代码应为 18 位且校验位正确，请对照营业执照或法人证书核对。",
            "A unified social credit code has 18 characters and a valid check digit; compare it with the licence.",
        )
    _require_own(actor, uscc)
    # A gateway of the previous release does not send `operating_period`.
    organisation = {"operating_period": None} | organisation
    if errors := mistakes(organisation, clock.today()):
        raise Invalid("invalid_organisation", "单位信息有误，请按提示修改。", "The data have mistakes.", errors=errors)
    _require_own_person(session, uscc, organisation)
    consortia, open_cases = affected(session, uscc)
    organisations.ensure_rows(session, {uscc: organisation["name"]}, clock.now())
    stored = organisations.by_code(session, [uscc], lock=True)[uscc]
    _require_version(stored, if_match)
    was_registered, facts, data = stored.registered, stored.facts(), stored.snapshot()
    stored.replace(organisation, clock.now())
    in_force = follow_edit(session, clock, data, stored)
    unit_of_work.audit_only(
        session,
        "organisation.put",
        f"organisation/{uscc}",
        bureau=city_bureau_of(organisation["region"]) or PROVINCE,
        article="A5",
        before=data if was_registered else None,
        after=stored.snapshot(),
    )
    session.flush()
    recheck_all(session, clock, policies, open_cases)
    follow_facts(session, clock, policies, consortia, facts, stored)
    return application_serializers.organisation(stored, in_force)


def follow_facts(
    session: Session,
    clock: Clock,
    policies: Policies,
    consortia: list[Consortium],
    before: Facts,
    organisation: Organisation,
) -> None:
    """Evaluate the recognised consortia of an organisation again if one of the facts changed on which their conditions depend
    (A12, A14(5)). If the region of a consortium's lead changed, the city bureau of the new region becomes the recommender, if a
    city bureau recommends the consortium."""
    after = cast(Mapping[str, object], organisation.facts())
    changed = [name for name, value in cast(Mapping[str, object], before).items() if after[name] != value]
    if changed:
        evaluate_all(session, clock, policies, consortia, f"{changed[0]}_changed")
    if "region" in changed:
        for consortium in consortia:
            if consortium.lead == organisation.uscc:
                follow_lead(session, clock, policies, consortium)


def _require_own(actor: Actor, uscc: str) -> None:
    if actor.has("applicant") and actor.organisation == uscc:
        return
    if not (actor.official and actor.of_province):
        raise Forbidden(
            "not_your_organisation",
            "只能填写本单位的信息。",
            "Only an organisation itself, or the province, can enter its data.",
        )


def _require_own_person(session: Session, uscc: str, organisation: OrganisationDict) -> None:
    if organisation["legal_person"] and uscc in changes.successors(session):
        raise Invalid.field(
            "/legal_person",
            "succeeded",
            "该单位已登记继受单位，不再是独立法人。",
            "The register names its successor; it is no legal person of its own any more.",
        )


def _require_version(organisation: Organisation, if_match: str | None) -> None:
    etag = version_tag(organisation.uscc, organisation.revision, organisation.snapshot())
    if if_match is not None and if_match != etag:
        raise PreconditionFailed(
            "version_changed",
            "单位信息已被修改，请重新读取后再改。",
            "The data have changed since; read them again and repeat your change.",
            etag=etag,
        )
