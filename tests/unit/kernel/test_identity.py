"""If an account lacks the role for an action, the refusal names the roles that may take it, in words that people use."""

from __future__ import annotations

import pytest

from services.kernel.errors import Forbidden
from services.kernel.identity import Actor


def test_whoever_lacks_a_role_is_told_whose_work_it_is_in_chinese_words() -> None:
    with pytest.raises(Forbidden) as refusal:
        Actor("unit", ("applicant",)).require("officer", "chief")
    assert "经办人、负责人" in refusal.value.text.zh
    assert refusal.value.details["roles"] == ["officer", "chief"]
