"""Look up the data to which the codes and ids in a case refer: units, the panel's seats, files, the steps so far, and the changes
since the last return."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from gateway.routes.documents import grant_of, subject_of
from gateway.service_client import PAGE, actor, every_item, send_query
from services.contracts.application.application_responses import DiffAnswerDict, TimelineAnswerDict
from services.contracts.document_answers import DocumentAnswerDict
from services.contracts.pages import PageDict
from services.contracts.review.answers import ReviewAnswerDict
from services.contracts.review_expansion import ExpandedDict, NamedDocumentDict, NamedSeatDict, NamedUnitDict
from services.kernel.errors import DomainError, NotFound, Unavailable


def expanded(review: ReviewAnswerDict, parts: Iterable[str]) -> ExpandedDict:
    """Return each requested part of a case, as far as the case has the part and the actor may read it. Experts and third parties
    get only units and files. Parts whose service does not answer are listed in `unavailable`, so that the case can be read
    without them."""
    official = actor().has("officer", "chief", "auditor")
    answers: dict[str, object] = {}
    missing: list[str] = []
    for part in parts:
        read_part, of_officials = _PARTS[part]
        if of_officials and not official:
            continue
        try:
            answers[part] = read_part(review)
        except Unavailable:
            missing.append(part)
    if missing:
        answers["unavailable"] = missing
    return cast(ExpandedDict, answers)


def _unit_names(codes: Iterable[str | None]) -> dict[str, str | None]:
    requested_codes = sorted({code for code in codes if code})
    names: dict[str, str | None] = send_query("application", "unit_names", codes=requested_codes) if requested_codes else {}
    return names


def _units(review: ReviewAnswerDict) -> list[NamedUnitDict]:
    """Return the units with their names, the lead first."""
    lead = review["lead"]["uscc"]
    names = _unit_names(review["units"]) | {lead: review["lead"].get("name")}
    ordered = [lead, *(code for code in review["units"] if code != lead)]
    return [{"uscc": code, "name": names.get(code), "leading": code == lead} for code in ordered]


def _seats(review: ReviewAnswerDict) -> list[NamedSeatDict]:
    panel = review.get("panel")
    seats = panel["seats"] if panel else []
    names = _unit_names(seat.get("employer") for seat in seats)
    return [
        {
            "id": seat["id"],
            "account": seat["account"],
            "name": seat.get("name"),
            "employer": seat.get("employer"),
            "employer_name": names.get(seat.get("employer") or ""),
        }
        for seat in seats
    ]


_FILE = ("kind", "filename", "media_type", "size", "state", "version")


def _documents(review: ReviewAnswerDict) -> list[NamedDocumentDict]:
    ids = [document["id"] for document in review["documents"]]
    files: dict[str, DocumentAnswerDict] = {}
    for subject in sorted({subject_of(id) for id in ids}):
        files |= _files_of(subject)
    submitted = {document["id"]: document for document in review["documents"]}
    described = [{"id": id, **{name: files.get(id, submitted[id]).get(name) for name in _FILE}} for id in ids]
    return cast(list[NamedDocumentDict], described)


def _files_of(subject: str) -> dict[str, DocumentAnswerDict]:
    """Return the files of a subject by id; empty if the service that owns the subject does not grant the actor access."""
    try:
        grant = grant_of(subject, "read")
        files: Iterator[DocumentAnswerDict] = every_item(
            lambda **page: send_query("documents", "list_documents", subject=subject, grant=grant, **page)
        )
        return {file["id"]: file for file in files}
    except NotFound:
        return {}


def _timeline(review: ReviewAnswerDict) -> list[TimelineAnswerDict]:
    kind, _, id = review["subject"].partition("/")
    if kind != "application":
        return []
    steps: PageDict[TimelineAnswerDict] = send_query("application", "application_timeline", id=id, limit=PAGE)
    return steps["items"]


def _diff(review: ReviewAnswerDict) -> DiffAnswerDict | None:
    """Return the changes since the version of the previous round or, in a first round, since the previous version. None for a
    first version and for a subject without versions. If the review service stores the content of both rounds, the case itself
    contains the changes; rounds that an earlier release opened have no stored content."""
    if (difference := review.get("difference")) is not None:
        return difference
    kind, _, id = review["subject"].partition("/")
    if kind != "application" or review["version"] < 2:
        return None
    try:
        earlier = review["rounds"][-2]["version"] if len(review["rounds"]) > 1 else review["version"] - 1
        numbers = {"from_": earlier, "to": review["version"]}
        difference_of_versions: DiffAnswerDict = send_query("application", "application_diff", id=id, **numbers)
    except DomainError as error:
        if error.code != "version_not_found":
            raise
        return None
    return difference_of_versions


#: Part → the function that looks it up, and whether only officials may read it.
_PARTS: dict[str, tuple[Callable[[ReviewAnswerDict], object], bool]] = {
    "units": (_units, False),
    "documents": (_documents, False),
    "seats": (_seats, True),
    "timeline": (_timeline, True),
    "diff": (_diff, True),
}
