"""An objection to a public grade (A13)."""

from services.objections.domain import Objection


class GradeObjection(Objection):
    """An objection to a grade. `case` is the participation's id."""
