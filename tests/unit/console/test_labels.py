"""The console's labels: every label exists in both languages, with the same placeholders, and some page uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console
from console.application_form import label_of
from console.labels import labels, placeholders

HERE = Path(console.__file__).parent
SOURCES = "\n".join(path.read_text(encoding="utf-8") for pattern in ("**/*.html", "**/*.py") for path in HERE.glob(pattern))


@pytest.mark.parametrize("key", sorted(labels()))
def test_a_label_says_the_same_in_both_languages(key: str) -> None:
    words = labels()[key]
    assert words["zh"].strip() and words["en"].strip()
    assert placeholders(words["zh"]) == placeholders(words["en"])


def test_every_key_that_a_page_names_is_a_label() -> None:
    named = set(re.findall(r"""\bt\(\s*['"]([a-z_.]+)['"]\s*[,)]""", SOURCES))
    assert named
    assert named - set(labels()) == set()


def test_no_label_is_left_over() -> None:
    """A page uses a label's key as a whole, or as a prefix to which it adds a code. A label that no page uses in either way must
    not exist."""
    whole = set(re.findall(r"""['"]([a-z_]+(?:\.[a-z_0-9]+)+)['"]""", SOURCES))
    begun = set(re.findall(r"""['"]([a-z_]+(?:\.[a-z_0-9]+)*\.)['"]\s*~""", SOURCES))
    begun |= {"problem.", "field.", "format.weekday.", "format.unit."}
    unused = {key for key in labels() if key not in whole and not any(key.startswith(start) for start in begun)}
    assert unused == set()


def test_an_operating_system_is_called_as_in_the_vocabulary() -> None:
    called = label_of(lambda key: key, lambda group, code: f"{group}:{code}", "/operating_systems/rd_funding")
    assert called == "operating_system:rd_funding"
    assert label_of(lambda key: key, lambda group, code: code, "/members/0/tier") == "field.members_tier 1"
