"""The language of an answer: Chinese, unless the reader asks for English."""

from __future__ import annotations

from typing import Any

from flask import g, request

from services.kernel.errors import Text


def chosen() -> str:
    """Return `zh` or `en`, according to the request's Accept-Language."""
    if "language" not in g:
        header = request.headers.get("Accept-Language")
        g.language = "en" if header and request.accept_languages.best_match(("zh", "en"), default="zh") == "en" else "zh"
    return g.language  # type: ignore[no-any-return]


def localised_text(text: Text) -> str:
    """Return a message in the reader's language."""
    return text.en if chosen() == "en" else text.zh


def localised(answer: Any) -> Any:
    """Return the answer with every `{"zh": …, "en": …}` in it replaced by the text in the reader's language."""
    return _localised(answer, chosen())


def _localised(value: Any, language: str) -> Any:
    if isinstance(value, dict):
        if len(value) == 2 and "zh" in value and "en" in value:
            return value[language]
        return {name: _localised(item, language) for name, item in value.items()}
    if isinstance(value, list):
        return [_localised(item, language) for item in value]
    return value
