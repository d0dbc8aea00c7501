"""The yearly inspection of a consortium by its recommender (A11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.contracts.attachment import Attachment
from services.contracts.evaluation.answers import InspectionAnswerDict
from services.contracts.evaluation.duties import InspectionRecordDict
from services.evaluation.domain.consortium import Consortium
from services.kernel.clock import local_date
from services.kernel.errors import FieldError, Text

RESULTS = ("good", "fair", "weak")


@dataclass(eq=False, kw_only=True)
class Inspection:
    """An inspection. `under_guidance`: from this inspection on the authorities guide the consortium more closely, until a later
    inspection ends the guidance (加强督促指导, A12). `follow_up_on`: the day of the follow-up."""

    id: str
    consortium: str
    recommender: str
    year: int
    inspected_on: date
    result: str
    findings: str
    under_guidance: bool
    follow_up_on: date | None
    follow_up_told: bool
    papers: list[Attachment]
    by: str
    bureau: str
    recorded_at: datetime

    @property
    def late(self) -> bool:
        """Return whether the inspection was filed after the end of its year (A11: 每年)."""
        return local_date(self.recorded_at).year > self.year

    def shown(self) -> InspectionAnswerDict:
        return {
            "id": self.id,
            "consortium": self.consortium,
            "recommender": self.recommender,
            "year": self.year,
            "inspected_on": self.inspected_on.isoformat(),
            "result": self.result,
            "findings": self.findings,
            "late": self.late,
            "under_guidance": self.under_guidance,
            "follow_up_on": self.follow_up_on.isoformat() if self.follow_up_on else None,
            "documents": self.papers,
            "bureau": self.bureau,
            "recorded_at": self.recorded_at.isoformat(),
        }


def inspection_errors(inspection: InspectionRecordDict, consortium: Consortium, today: date) -> Iterable[FieldError]:
    """Yield an error for each mistake: an inspection in the future or before the recognition, a follow-up that is missing or not
    after the inspection, and a weak result without closer guidance."""
    inspected_on = date.fromisoformat(inspection["inspected_on"])
    if inspected_on > today:
        yield _error("/inspected_on", "date_ahead", "检查日期不能晚于今天。", "The date of inspection cannot lie ahead.")
    if inspected_on < consortium.recognised_on:
        yield _error(
            "/inspected_on", "before_recognition", "检查日期不能早于认定日期。", "It was not recognised yet on that day."
        )
    if inspection["result"] == "weak" and not inspection["under_guidance"]:
        yield _error(
            "/under_guidance",
            "guidance_required",
            "检查结果为较差的，须列为加强督促指导（第十二条）。",
            "A weak one is put under guidance (article 12).",
        )
    follow_up = inspection["follow_up_on"]
    if (inspection["under_guidance"] or inspection["result"] == "weak") and follow_up is None:
        yield _error("/follow_up_on", "follow_up_required", "列为加强督促指导的，请填写复查日期。", "Say when you look again.")
    if follow_up is not None and date.fromisoformat(follow_up) <= inspected_on:
        yield _error(
            "/follow_up_on", "follow_up_behind", "复查日期应晚于检查日期。", "The follow-up must come after the inspection."
        )


def _error(pointer: str, code: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, code, Text(zh, en))
