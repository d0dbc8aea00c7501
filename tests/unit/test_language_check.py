"""The language check refuses what docs/style.md forbids, and accepts plain sentences."""

import pytest

from tests.architecture.language import (
    Prose,
    findings,
    prose_of_markdown,
    prose_of_python,
    prose_of_script,
    prose_of_template,
    prose_of_toml,
)


def judged(text: str) -> list[str]:
    return list(findings("module.py", iter([Prose(1, text)])))


@pytest.mark.parametrize(
    "text",
    [
        "What a process holds after its start it holds to its end.",
        "Who left a draft is told a month before.",
        "Whoever counts on the numbers locks the organisations first.",
        "An archive that is nobody's may go.",
        "The worker finishes the job in hand.",
        "The counter starts anew.",
    ],
)
def test_a_sentence_that_needs_a_second_reading_is_refused(text: str) -> None:
    assert judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "Draft owners are notified one month before their documents are deleted.",
        "What does each module do?",
        "Incomplete archives older than this (seconds) may be deleted.",
    ],
)
def test_a_plain_sentence_passes(text: str) -> None:
    assert judged(text) == []


def test_docstrings_and_comments_are_read_and_strings_are_not() -> None:
    source = '"""Who asks is answered."""\n\nnobody = "somebody"\n# What is due\n# is done.\n'

    assert [(piece.line, piece.text) for piece in prose_of_python(source)] == [
        (1, "Who asks is answered."),
        (4, "What is due is done."),
    ]


def test_code_in_documents_is_not_read() -> None:
    source = "# Title\n\n```\nWho knows\n```\n\n- An item with `nobody`\n  goes on.\n"

    assert [piece.text for piece in prose_of_markdown(source)] == ["Title", "An item with `…` goes on."]


def test_english_texts_of_labels_and_messages_are_read() -> None:
    source = 'title = { zh = "退回", en = "Nobody knows" }\nen = ["Title", "Sent anew."]\nkey = "nobody"\n'

    assert [piece.line for piece in prose_of_toml(source)] == [1, 2]
    assert len(list(findings("labels.toml", prose_of_toml(source)))) == 2


def test_comments_of_templates_and_scripts_are_read() -> None:
    template, script = "<p>Who?</p>\n{# What is said\nof scores. #}\n", "const nobody = 1;\n  // Who asks is answered.\n"

    assert [(piece.line, piece.text.split()) for piece in prose_of_template(template)] == [
        (2, ["What", "is", "said", "of", "scores."])
    ]
    assert [(piece.line, piece.text) for piece in prose_of_script(script)] == [(2, "Who asks is answered.")]
