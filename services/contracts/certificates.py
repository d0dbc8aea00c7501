"""The public check of a certificate of recognition."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.application.register_responses import ConsortiumItem, ConsortiumItemDict
from services.contracts.common import Answer


class MadeFile(Answer):
    sha256 = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class CertificateAnswer(ConsortiumItem):
    """The answer to the check of a certificate: the register's entry, whether its recognition is valid, and the files generated
    from it, the newest first."""

    in_force = fields.Boolean(required=True)
    files = fields.List(fields.Nested(MadeFile), required=True)


class RecognitionCheck(ConsortiumItemDict):
    """The answer of the application service to the check of a certificate; the gateway adds the `files`."""

    in_force: bool
