"""The similarity of two research directions (A4(1)): TF-IDF over single characters and pairs of characters, compared by the
cosine.

Chinese has no blanks between words. Characters and pairs need no dictionary, and they find similar directions better than word
segmentation or edit distance (docs/adr/0023).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

#: The number of characters of a text that are compared, from its beginning; the rest is ignored.
MOST_CHARACTERS = 3000
#: The least similarity, from 0 to 1, that counts. Stock phrases alone can cause smaller ones.
LEAST = 0.05
#: The greatest number of shared words that are shown; the rarest words come first.
MOST_WORDS = 8

#: Phrases of the regulation that every direction repeats; they are removed before the comparison.
_STOCK = re.compile(
    "创新联合体|关键核心技术|核心技术|关键技术|成果转化|产学研|产业链|创新链|新质生产力|联合攻关|技术攻关|高质量发展|自治区|广西"
)
_NO_WORD = re.compile(r"[^\w]+|_+")
#: Chinese particles. They are compared like other characters, but a shared word must not begin or end with one.
_PARTICLES = "的与和及等以为在于对从向并或了其"


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction prepared for comparison: its runs of characters, and how often each character and each pair occurs in them."""

    runs: tuple[str, ...]
    grams: Mapping[str, int]

    @classmethod
    def of(cls, *texts: str | None) -> Direction:
        """Build a direction from a name and a description of the direction. The regulation's stock phrases are left out."""
        return _direction("\n".join(text for text in texts if text)[:MOST_CHARACTERS])

    @property
    def pairs(self) -> list[str]:
        """The pairs of neighbouring characters."""
        return [gram for gram in self.grams if len(gram) == 2]


@lru_cache(maxsize=4096)
def _direction(text: str) -> Direction:
    """Count the characters and pairs of a text. Cached, because the same directions are compared repeatedly."""
    runs = tuple(_NO_WORD.sub(" ", _STOCK.sub(" ", text.lower())).split())
    grams: Counter[str] = Counter()
    for run in runs:
        grams.update(run)
        grams.update(_pairs(run))
    return Direction(runs, grams)


class Rarity:
    """How rare each character and each pair is among the known directions."""

    def __init__(self, directions: Iterable[Direction]) -> None:
        listed = list(directions)
        self._all = len(listed)
        self._with: Counter[str] = Counter()
        for direction in listed:
            self._with.update(direction.grams.keys())
        self._of: dict[str, float] = {}

    def of(self, gram: str) -> float:
        """Return the inverse document frequency of a character or pair, which is above 0."""
        if gram not in self._of:
            self._of[gram] = math.log(1 + self._all / max(1, self._with[gram]))
        return self._of[gram]

    def common(self, gram: str) -> bool:
        """Return whether a character or pair occurs in so many directions that sharing it means nothing."""
        return self._with[gram] > max(3, self._all / 4)

    def weigh(self, direction: Direction) -> dict[str, float]:
        """Return the weight of each character and pair of a direction, scaled so that the squares of all weights sum to 1."""
        weights = {gram: (1 + math.log(times)) * self.of(gram) for gram, times in direction.grams.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}


def similarity(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return the cosine of two weighted directions, from 0 (nothing in common) to 1 (equal)."""
    return sum(weight * second[gram] for gram, weight in first.items() if gram in second)


def shared_words(first: Direction, second: Direction, rarity: Rarity) -> list[str]:
    """Return at most `MOST_WORDS` of the longest runs of at least two characters that occur in both directions, the rarest first.
    Left out: a run that consists only of common pairs, and one that is part of a rarer word already in the list."""
    other_text = "\n".join(second.runs)
    words = {word for run in first.runs for word in _shared_parts(run, other_text)}
    specific = [word for word in words if not all(rarity.common(pair) for pair in _pairs(word))]
    ranked = sorted(specific, key=lambda word: (-_is_specific(word, rarity), word))
    longest: list[str] = []
    for word in ranked:
        if not any(word in longer for longer in longest):
            longest.append(word)
    return longest[:MOST_WORDS]


def _shared_parts(run: str, other_text: str) -> Iterable[str]:
    """Yield the longest parts of `run` that also occur in `other_text`, with particles cut off at both ends."""
    start = 0
    while start < len(run) - 1:
        end = start
        while end < len(run) and run[start : end + 1] in other_text:
            end += 1
        part = run[start:end].strip(_PARTICLES)
        if len(part) > 1:
            yield part
        start = max(end, start + 1)


def _is_specific(part: str, rarity: Rarity) -> float:
    return sum(rarity.of(pair) ** 2 for pair in _pairs(part))


def _pairs(text: str) -> list[str]:
    return [text[index : index + 2] for index in range(len(text) - 1)]
