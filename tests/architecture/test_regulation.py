"""`docs/regulation.md` lists every clause of the regulation and every ruling, and each test that the page names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/regulation.md").read_text(encoding="utf-8")
CLAUSE_ROWS, RULING_ROWS = TABLE.split("| ruling |")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in CLAUSE_ROWS.splitlines() if line.startswith("| A")]
RULINGS = [line.strip("|").split("|") for line in RULING_ROWS.splitlines()[2:]]

#: The ids of the regulation's clauses in its order: A5(2)3 is article 5, item (二), point 3.
CLAUSES = [
    *("A1", "A2", "A3"),
    *(f"A4({item})" for item in range(1, 5)),
    "A5(1)",
    *(f"A5(2){point}" for point in range(1, 6)),
    *(f"A5(3){point}" for point in range(1, 6)),
    *(f"A5(4){point}" for point in range(1, 8)),
    *("A6(1)", "A6(2)"),
    *(f"A7({item})" for item in range(1, 8)),
    "A8",
    *(f"A9(1){point}" for point in range(1, 5)),
    *(f"A9(2){point}" for point in range(1, 3)),
    *(f"A9(3){point}" for point in range(1, 5)),
    *(f"A9(4){point}" for point in range(1, 3)),
    *("A10", "A11", "A12", "A13"),
    *(f"A14({item})" for item in range(1, 9)),
    *("A15", "A16"),
]


def test_every_clause_has_its_row_in_the_regulations_order() -> None:
    assert [row[0] for row in ROWS] == CLAUSES


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TABLE)
    assert len(named) > 80
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).exists() or f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_a_clause_without_a_test_says_that_there_is_nothing_to_do() -> None:
    assert [row[0] for row in ROWS if row[3] == "—" and "Nothing to do for software" not in row[2]] == []


def test_every_ruling_where_the_regulation_is_silent_names_a_test() -> None:
    assert len(RULINGS) > 30
    assert [row[0] for row in RULINGS if len(row) < 3 or "::test_" not in row[2]] == []
