"""Signatures: a chief signs exactly the draft that was read, or another text with a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from services.kernel.errors import Conflict, Invalid, PreconditionFailed, PreconditionRequired
from services.review.domain.case import DECISION, Stage
from services.review.domain.opinion import Opinion, OpinionOutcome

#: The fields in which a signed opinion may differ from its draft.
MEMBERS = ("outcome", "comment", "sections", "answers", "waivers", "main_task_bearing", "acknowledgements")
#: The members of a decision that its draft may leave open: if the draft does not state such a member, the decision does not
#: differ from the draft in it.
GRANT = ("amount", "knowingly")


def etag_of(opinion: Opinion) -> str:
    """Return the digest of an opinion's content. By this digest, a signature names the draft that the chief has read. A draft
    never changes: another text is another draft with another digest."""
    content = [opinion.id, opinion.round, opinion.version, opinion.stage, opinion.corrects, *_content(opinion).values()]
    # The members of `GRANT` are appended only if they are stated: the digest of an opinion without them must stay the one that
    # stored decision lists name.
    content += [(name, value) for name in GRANT if (value := getattr(opinion, name)) is not None]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


def signable(drafts: Sequence[Opinion], chief: str) -> list[Opinion]:
    """Return the drafts that a chief may sign: the newest draft of each author except this chief, in the order of time."""
    newest = {draft.by: draft for draft in drafts if draft.by != chief}
    return sorted(newest.values(), key=lambda draft: draft.id)


def draft_read(drafts: Sequence[Opinion], chief: str, stage: Stage, if_match: str | None) -> Opinion | None:
    """Return the draft, identified by its ETag, that this chief has read and signs; None if four eyes do not apply and no other
    person has drafted.

    Raises Conflict if four eyes apply and no other person has drafted, PreconditionRequired if no draft is named,
    PreconditionFailed if the draft that was read has been replaced.
    """
    offered = signable(drafts, chief)
    if not offered:
        _require_draft(stage, drafts)
        return None
    if if_match is None:
        raise PreconditionRequired(
            "draft_not_named",
            "请先打开并阅读经办人起草的意见，再签署。",
            "Read the officer's draft first, then sign it by its ETag in If-Match.",
            draft=offered[-1].id,
            etag=etag_of(offered[-1]),
        )
    read = next((draft for draft in offered if etag_of(draft) == if_match), None)
    if read is None:
        raise PreconditionFailed(
            "draft_changed",
            "您阅读后经办人已修改起草的意见，请重新阅读后再签署。",
            "The draft has changed since you read it; read it again before you sign.",
            draft=offered[-1].id,
            etag=etag_of(offered[-1]),
        )
    return read


def sign(opinion: Opinion, draft: Opinion | None, differs_reason: str | None) -> None:
    """Sign an opinion after the chief has read `draft`. Raises Invalid if the opinion differs from the draft without a reason."""
    opinion.signed, opinion.drafted_by = True, draft.by if draft else None
    if draft is None or not (members := differences(draft, opinion)):
        return
    if not (differs_reason or "").strip():
        raise Invalid.field(
            "/differs_reason",
            "reason_required",
            "签署的内容与起草的意见不一致，请说明理由。",
            "This differs from the draft; give the reason.",
        )
    opinion.differs = {"draft": draft.id, "members": members, "reason": differs_reason or ""}


def differences(draft: Opinion, signed: Opinion) -> list[str]:
    """Return the names of the members in which a signed opinion differs from its draft. A draft of a decision has an officer's
    outcome: `pass` proposes to approve. Of a decision only outcome, reason, waivers and acknowledgements are compared and, for an
    approval, the amount and whether it approves knowingly, if the draft states them."""
    before, after = _content(draft), _content(signed)
    if signed.stage == DECISION and signed.outcome in (OpinionOutcome.APPROVE, OpinionOutcome.DECLINE):
        without_reason = {name: after[name] for name in ("answers", "sections", "main_task_bearing")}
        before |= {
            "outcome": OpinionOutcome.APPROVE if draft.outcome == OpinionOutcome.PASS else OpinionOutcome.DECLINE
        } | without_reason
    granted = [name for name in GRANT if signed.outcome == OpinionOutcome.APPROVE and getattr(draft, name) is not None]
    changed = [name for name in granted if getattr(draft, name) != getattr(signed, name)]
    return [name for name in MEMBERS if before[name] != after[name]] + changed


def _content(opinion: Opinion) -> dict[str, object]:
    content: dict[str, object] = {name: getattr(opinion, name) for name in MEMBERS}
    content["waivers"] = sorted(opinion.waivers, key=lambda waiver: (waiver["rule"], waiver["reason"]))
    content["acknowledgements"] = sorted(opinion.acknowledgements, key=lambda each: (each["question"], each["reason"]))
    return content


def own_draft(stage: Stage) -> Conflict:
    return Conflict(
        "own_draft",
        "不能签署自己起草的意见，请由其他人员起草或签署。",
        "Nobody signs their own draft; another person drafts or signs it.",
        stage=stage.name,
    )


def _require_draft(stage: Stage, drafts: Sequence[Opinion]) -> None:
    if stage.four_eyes and drafts:
        raise own_draft(stage)
    if stage.four_eyes:
        raise Conflict(
            "draft_required",
            "本环节须先由经办人起草意见，再由负责人签署。",
            "Here an officer drafts the opinion before a chief signs it.",
            stage=stage.name,
        )
