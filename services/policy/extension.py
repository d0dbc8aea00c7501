"""Check how far a bureau may extend a correction window."""

from __future__ import annotations

from datetime import date, timedelta

from services.kernel.errors import Invalid
from services.policy.pipeline import Deadlines


def check_extension(deadlines: Deadlines, due: date, until: date) -> None:
    """Raise Invalid unless `until`, the new last day of a correction window, is later than `due`, the present last day, by at
    most the policy's number of days."""
    latest = due + timedelta(days=deadlines.correction_extension_days)
    if due < until <= latest:
        return
    raise Invalid.field(
        "/until",
        "extension_out_of_bounds",
        f"延长后的补正期限应晚于 {due.isoformat()}，且不晚于 {latest.isoformat()}。"
        if latest > due
        else "本政策不允许延长补正期限。",
        f"Give a day after {due.isoformat()} and not after {latest.isoformat()}."
        if latest > due
        else "This policy lets no correction window be extended.",
    )
