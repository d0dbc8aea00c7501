"""All errors that a service reports. A domain error has a stable code and a message in Chinese and English. Only the gateway maps
errors to HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict


@dataclass(frozen=True, slots=True)
class Text:
    """A message for users in Chinese and English. It says what the user can do."""

    zh: str
    en: str

    def to_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def from_dict(cls, data: dict[str, str]) -> Text:
        return cls(data["zh"], data["en"])


class FieldErrorDict(TypedDict):
    pointer: str
    code: str
    text: dict[str, str]


class ErrorDict(TypedDict):
    """An error in the form in which a service's answer contains it. `kind`: the name of the error's class; `details`: further
    members of the problem document."""

    kind: str
    code: str
    text: dict[str, str]
    errors: list[FieldErrorDict]
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake in an input. `pointer` is a JSON pointer (RFC 6901) to the field in the body."""

    pointer: str
    code: str
    text: Text

    def to_dict(self) -> FieldErrorDict:
        return {"pointer": self.pointer, "code": self.code, "text": self.text.to_dict()}

    @classmethod
    def from_dict(cls, data: FieldErrorDict) -> FieldError:
        return cls(data["pointer"], data["code"], Text.from_dict(data["text"]))


class DomainError(Exception):
    """A refusal with a reason that the user can understand. `code` is stable; `details` are additional members of the HTTP
    problem document."""

    kind: ClassVar[str] = "domain_error"
    kinds: ClassVar[dict[str, type[DomainError]]] = {}

    def __init__(self, code: str, zh: str, en: str, *, errors: tuple[FieldError, ...] = (), **details: Any) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.text = Text(zh, en)
        self.errors = errors
        self.details = details

    def __init_subclass__(cls) -> None:
        DomainError.kinds[cls.kind] = cls

    def to_dict(self) -> ErrorDict:
        return {
            "kind": self.kind,
            "code": self.code,
            "text": self.text.to_dict(),
            "errors": [error.to_dict() for error in self.errors],
            "details": self.details,
        }

    @staticmethod
    def from_dict(data: ErrorDict) -> DomainError:
        """Rebuild an error that was raised in another process."""
        error = DomainError.kinds[data["kind"]].__new__(DomainError.kinds[data["kind"]])
        DomainError.__init__(
            error,
            data["code"],
            data["text"]["zh"],
            data["text"]["en"],
            errors=tuple(FieldError.from_dict(item) for item in data["errors"]),
            **data["details"],
        )
        return error


class Invalid(DomainError):
    """The input breaks a rule of form or of content (422)."""

    kind = "invalid"

    @classmethod
    def field(cls, pointer: str, code: str, zh: str, en: str) -> Invalid:
        """Return the error for one wrong field, which a JSON pointer names."""
        return cls("invalid_input", zh, en, errors=(FieldError(pointer, code, Text(zh, en)),))


class Unauthenticated(DomainError):
    """The request carries no valid credentials (401)."""

    kind = "unauthenticated"


class Forbidden(DomainError):
    """The actor is authenticated but may not do this (403)."""

    kind = "forbidden"


class NotFound(DomainError):
    """The object does not exist, or the actor may not know that it exists (404)."""

    kind = "not_found"


class Conflict(DomainError):
    """The object is in a state that does not allow the request (409)."""

    kind = "conflict"


class PreconditionFailed(DomainError):
    """Another request changed the object after the client read it (412)."""

    kind = "precondition_failed"


class PreconditionRequired(DomainError):
    """The request must name the version of the object that the client read, and does not (428)."""

    kind = "precondition_required"


class TooLarge(DomainError):
    """The body or file is larger than allowed (413)."""

    kind = "too_large"


class Unsupported(DomainError):
    """The request has a media type that is not accepted (415)."""

    kind = "unsupported"


class TooMany(DomainError):
    """The client sends too many requests (429); `details["retry_after"]` is in seconds."""

    kind = "too_many"


class Unavailable(DomainError):
    """A part of the platform is unavailable (503). `details["retry_after"]` is in seconds; it is missing if a repeat does not
    help."""

    kind = "unavailable"

    def __init__(
        self,
        code: str = "service_unavailable",
        zh: str = "服务暂时不可用，您的请求没有被处理，请稍后重试。",
        en: str = "The service is away for the moment; nothing was done. Please try again.",
        *,
        retry_after: int | None = 2,
        **details: Any,
    ) -> None:
        if retry_after is not None:
            details["retry_after"] = retry_after
        super().__init__(code, zh, en, **details)
