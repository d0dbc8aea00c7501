"""A text in both languages."""

from __future__ import annotations

#: A text in Chinese (`zh`) and English (`en`), as services send it. The gateway answers with the text in the reader's language.
Bilingual = dict[str, str]
