"""Which rows belong to the subjects of this service's audit log; the audit check compares them with their last digest."""

from gateway.identity.tables import accounts, acting_chiefs, api_keys, registrations
from services.kernel.persistence.subject_rows import SubjectRows

#: Left out, because an erased name or telephone number could be guessed from an old digest of it.
_PERSONAL = ("name", "phone", "email")

AUDITED = {
    # A login writes the last code that was used into the second factor, and a change of keys seals it again.
    "account": (
        SubjectRows(accounts, [accounts.c.username], without=("second_factor", *_PERSONAL)),
        SubjectRows(api_keys, [api_keys.c.username], without=("last_used_at",)),
    ),
    "acting_chief": (SubjectRows(acting_chiefs, [acting_chiefs.c.id]),),
    "registration": (SubjectRows(registrations, [registrations.c.id], without=("contact",)),),
}
