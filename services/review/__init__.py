"""The review service: the bureaus' opinions on a case, the experts' scores, and the province's decision (A6)."""
