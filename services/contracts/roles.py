"""The roles that an account may have."""

from services.contracts.labels import LABELS

#: Roles that appear in the record of an act; no account has them.
RECORDED = frozenset({"acting_chief"})
#: Each role with its Chinese name.
ROLES = {code: word.zh for code, word in LABELS["role"].items() if code not in RECORDED}
