"""Documents are distinguished by the exact names that their owners gave them, and by their ids."""

from __future__ import annotations

import pytest

from services.documents.domain.document import name_key, subject_of
from services.input.file_names import shown_name
from services.kernel.errors import NotFound
from tests.unit.input.test_file_names import VOLUMES


@pytest.mark.parametrize(
    "names",
    [
        VOLUMES,
        ["a?.pdf", "a*.pdf", "a_.pdf"],
        ["Plan.PDF", "plan.pdf", "plan.PDF"],
        ["a/x.pdf", "b/x.pdf", "x.pdf"],
        ["糖\u200b业.pdf", "糖业.pdf", "糖业\u200b.pdf"],
        ["e\u0301.pdf", "\u00e9.pdf"],
        ["附件 .pdf", "附件  .pdf", "附件\u3000.pdf"],
    ],
)
def test_names_that_differ_in_any_character_are_different_names(names: list[str]) -> None:
    keys = [name_key(name, shown_name(name)) or shown_name(name) for name in names]
    assert len(set(keys)) == len(names)


def test_an_id_says_what_the_document_is_about() -> None:
    assert subject_of("application.0190-a.0190-b") == "application/0190-a"


@pytest.mark.parametrize("id", ["", "application", "application.1", "application..2", "account.me.1", ".1.2"])
def test_anything_else_is_no_documents_id(id: str) -> None:
    with pytest.raises(NotFound):
        subject_of(id)
