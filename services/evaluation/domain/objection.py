"""An objection to a public grade (A13)."""

from services.objections.domain import Objection


class GradeObjection(Objection):
    """`case` is the participation's id."""
