"""The roles an account may hold."""

from services.contracts.labels import LABELS

#: Each with what people call it.
ROLES = {code: word.zh for code, word in LABELS["role"].items()}
