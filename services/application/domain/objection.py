"""An objection to a recognition in its publicity period (A6(2))."""

from services.objections.domain import Objection


class RecognitionObjection(Objection):
    """An objection to a recognition. `case` is the application's id."""
