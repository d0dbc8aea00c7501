"""The roles an account may hold."""

from services.contracts.labels import LABELS

#: Roles that are recorded of an act and that no account holds.
RECORDED = frozenset({"acting_chief"})
#: Each with what people call it.
ROLES = {code: word.zh for code, word in LABELS["role"].items() if code not in RECORDED}
