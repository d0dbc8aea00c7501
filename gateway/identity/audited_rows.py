"""List the table rows that belong to each subject of this service's audit log. The audit check computes their digest and compares
it with the digest in the subject's last entry."""

from gateway.identity.tables import accounts, acting_chiefs, api_keys, registrations
from services.kernel.persistence.subject_rows import SubjectRows

#: Columns left out of the digest: an erased name or telephone number could be guessed from an old digest that covers it.
_PERSONAL = ("name", "phone", "email")

AUDITED = {
    # `second_factor` is not part of the digest: each login stores the last used code in it, and a change of keys seals it again.
    "account": (
        SubjectRows(accounts, [accounts.c.username], without=("second_factor", *_PERSONAL)),
        SubjectRows(api_keys, [api_keys.c.username], without=("last_used_at",)),
    ),
    "acting_chief": (SubjectRows(acting_chiefs, [acting_chiefs.c.id]),),
    "registration": (SubjectRows(registrations, [registrations.c.id], without=("contact",)),),
}
