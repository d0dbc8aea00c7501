"""What a new year brings."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.evaluation import repository
from services.evaluation.commands.open_report import open_report
from services.evaluation.domain.consortium import Consortium
from services.kernel.clock import Clock
from services.policy import Policies


def unopened_reports(session: Session, clock: Clock) -> list[str]:
    """The consortia that owe this year's report, or an earlier one, without its being open: `<consortium>/<year>`."""
    year = clock.today().year
    return [f"{id}/{year}" for id in repository.behind(session, year)]


def open_yearly_reports(session: Session, clock: Clock, policies: Policies, *, id: str) -> str:
    """Open what a consortium owes up to a year, and is not open by now."""
    key, _, year = id.partition("/")
    consortium = session.get_one(Consortium, key, with_for_update=True)
    opened = consortium.years_to_open(int(year))
    for missing in opened:
        open_report(session, clock, policies, consortium, missing)
    return f"opened the reports of {', '.join(map(str, opened)) or 'no year'}"
