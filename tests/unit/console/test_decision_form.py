"""The fields of a decision beside its outcome: the amount of support, and the confirmation that a change is approved
knowingly."""

from __future__ import annotations

from console.pages.decisions import _body, proposed

CASE = {"waivable": [], "unmet": [], "objections": []}
TYPED = {"/reason": "择优支持。", "/amount": "3500000", "/knowingly": "yes"}


def test_an_approval_names_amount_and_knowledge_and_a_refusal_neither() -> None:
    approved = _body(TYPED | {"/outcome": "approve"}, CASE)
    assert (approved["amount"], approved["knowingly"]) == ("3500000", True)
    assert not {"amount", "knowingly"} & set(_body(TYPED | {"/outcome": "decline"}, CASE))


def test_what_was_left_empty_is_not_sent() -> None:
    assert not {"amount", "knowingly", "differs_reason"} & set(_body({"/outcome": "approve", "/amount": ""}, CASE))


def test_the_form_starts_with_the_officers_draft() -> None:
    waived, told = [{"rule": "L2", "reason": "产业急需"}], [{"question": "Q1", "reason": "已另行论证"}]
    draft = {"outcome": "pass", "comment": "择优支持。", "waivers": waived, "acknowledgements": told, "amount": "3500000.00"}
    case = {"waivable": ["L2"], "unmet": [{"question": "Q1"}], "objections": []}
    # When the chief does not change the form, then the decision that it sends is what the officer's draft proposes
    body = _body(proposed(draft | {"knowingly": True}), case)
    assert (body["outcome"], body["reason"], body["amount"], body["knowingly"]) == ("approve", "择优支持。", "3500000.00", True)
    assert (body["waivers"], body["acknowledgements"]) == (waived, told)
    assert proposed(draft | {"outcome": "return"}) == {}
