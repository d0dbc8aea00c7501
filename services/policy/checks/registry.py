"""The checks by name. A policy states which rule uses which check with which parameters.

A check is a function of the facts and its parameters. The annotations of its keyword parameters are their schema: `int` a count,
`Fraction` a percentage, `Decimal` yuan, `str` a text, `tuple[str, ...]` a list of texts. A parameter `Papers` (the documents that
the policy requires) is filled in by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from inspect import Parameter, signature
from typing import Any, get_type_hints

from services.kernel.errors import Text
from services.policy.facts import Unit
from services.policy.finding import FAIL, PASS


@dataclass(frozen=True, slots=True)
class Observation:
    """The result of a check. `words` fill the placeholders of the rule's texts; a value of type Text differs between the
    languages. `at`: JSON pointer to the field of the application form, if it is more exact than the pointer of the check
    itself."""

    status: str
    observed: Mapping[str, object]
    required: Mapping[str, object]
    margin: str | None = None
    words: Mapping[str, object] = field(default_factory=dict)
    at: str | None = None


Run = Callable[..., Observation]


@dataclass(frozen=True, slots=True)
class Check:
    """One named check: its function, the types of its parameters, and the placeholders that its texts may use.

    `words`: the placeholders when the check passes or fails; `needs`: the placeholders when its result is `needs_evidence`, None
    if it never has this result. `at`: JSON pointer to the field of the application form that is checked.
    """

    name: str
    run: Run
    params: Mapping[str, Any]
    words: frozenset[str]
    needs: frozenset[str] | None
    at: str


CHECKS: dict[str, Check] = {}


def check(name: str, *, words: str, at: str, needs: str | None = None) -> Callable[[Run], Run]:
    """Return a decorator that registers a function as the check `name`. `words` and `needs` list, separated by spaces, the
    placeholders that the check's texts may use (see `Check`)."""

    def enter(run: Run) -> Run:
        hints = get_type_hints(run)
        params = {p.name: hints[p.name] for p in signature(run).parameters.values() if p.kind is Parameter.KEYWORD_ONLY}
        when_open = None if needs is None else frozenset(needs.split())
        CHECKS[name] = Check(name, run, params, frozenset(words.split()), when_open, at)
        return run

    return enter


def verdict(holds: bool) -> str:
    """Return the status of a rule whose evidence is complete: pass or fail."""
    return PASS if holds else FAIL


def yuan(amount: Decimal) -> str:
    """Format money as a decimal string of yuan with two decimal places."""
    return f"{amount:.2f}"


def floor_fen(amount: Fraction) -> Decimal:
    """Round an exact amount down to whole fen, so that a shortfall never appears as zero."""
    return Decimal(amount.numerator * 100 // amount.denominator) / 100


def percent(share: Fraction) -> str:
    """Format a share in percent, cut (not rounded) after two decimal places, so that a share below a threshold never appears to
    reach the threshold."""
    hundredths = share.numerator * 10000 // share.denominator
    return f"{Decimal(hundredths) / 100:.2f}".rstrip("0").rstrip(".") + "%"


def named(units: Iterable[Unit]) -> list[dict[str, str]]:
    """Return units in the form in which a finding's `observed` lists them."""
    return [{"uscc": unit.uscc, "name": unit.name} for unit in units]


def listing(items: Iterable[str]) -> Text:
    """Join names into one text, with the punctuation of each language."""
    items = list(items)
    return Text("、".join(items), ", ".join(items))


def names_of(units: Iterable[Unit]) -> Text:
    """Join the names of units into one text; a unit without a name appears with its code."""
    return listing(unit.name or unit.uscc for unit in units)


def problems(*parts: tuple[str, str, Text], otherwise: Text) -> Text:
    """Join the `parts` (the problem in Chinese and in English, and the units or documents that have it) into one text of clauses
    "problem: units". A problem that applies to nothing is left out; without any problem, return `otherwise`."""
    present = [(zh, en, units) for zh, en, units in parts if units.zh]
    if not present:
        return otherwise
    return Text(
        "；".join(f"{zh}：{units.zh}" for zh, _, units in present), "; ".join(f"{en}: {units.en}" for _, en, units in present)
    )
