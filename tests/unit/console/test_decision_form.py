"""The fields of a decision beside its outcome: the amount of support, and the confirmation that a change is approved
knowingly."""

from __future__ import annotations

from console.pages.decisions import _body

CASE = {"waivable": [], "unmet": [], "objections": []}
TYPED = {"/reason": "择优支持。", "/amount": "3500000", "/knowingly": "yes"}


def test_an_approval_names_amount_and_knowledge_and_a_refusal_neither() -> None:
    approved = _body(TYPED | {"/outcome": "approve"}, CASE)
    assert (approved["amount"], approved["knowingly"]) == ("3500000", True)
    assert not {"amount", "knowingly"} & set(_body(TYPED | {"/outcome": "decline"}, CASE))


def test_what_was_left_empty_is_not_sent() -> None:
    assert not {"amount", "knowingly", "differs_reason"} & set(_body({"/outcome": "approve", "/amount": ""}, CASE))
