"""The words for every code of the API, in Chinese and English."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import public
from gateway.http.blueprint import Blueprint
from gateway.service_client import cacheable, send_query
from services.contracts.labels import LABELS, REGIONS
from services.contracts.vocabulary import VocabularyAnswer
from services.kernel.clock import DomainClock
from services.kernel.errors import Unavailable
from services.policy import Policies, measure_titles
from services.policy.bureaus import BUREAUS
from services.policy.words import words_of

blueprint = Blueprint("vocabulary", __name__, url_prefix="/api/v1", description="词汇 words")

_SETS = {name: [{"code": code} | word.to_dict() for code, word in codes.items()] for name, codes in LABELS.items()}
_MEASURES = {code: title.to_dict() for code, title in measure_titles().items()}
_REGIONS = [{"code": code} | word.to_dict() for code, word in REGIONS.items()]
_BUREAUS = [bureau.to_dict() for bureau in BUREAUS.values()]


@blueprint.route("/vocabulary", methods=["GET"])
@public
@blueprint.response(200, VocabularyAnswer)
def vocabulary() -> Any:
    """所有代码的中英文名称 · The words for every code, in both languages."""
    try:
        words = send_query("application", "policy_words")
    except Unavailable:  # every page of the console needs the words, so those of the software's own policy are served
        words = words_of(Policies.builtin().in_force(DomainClock().today()))
    in_force = {measure["measure"]: measure["title"] for measure in words["measures"]}
    measures = [{"code": code} | title for code, title in (_MEASURES | in_force).items()]
    return cacheable(
        {"sets": _SETS | {"support_measure": measures}, "regions": _REGIONS, "bureaus": _BUREAUS} | words, seconds=300
    )
