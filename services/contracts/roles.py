"""The roles that an account may have."""

from services.contracts.labels import LABELS

#: Roles that appear only in the record of an act, because no account has them.
RECORDED = frozenset({"acting_chief"})
#: Each role that an account can have, with its Chinese name.
ROLES = {code: word.zh for code, word in LABELS["role"].items() if code not in RECORDED}
