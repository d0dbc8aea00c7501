"""The actor of a request or event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NotRequired, TypedDict

from services.contracts.roles import ROLES
from services.kernel.errors import Forbidden

#: The bureau code of the provincial department.
PROVINCE = "450000"
#: The role that is recorded when an officer signs in a chief's name. No account has this role.
ACTING_CHIEF = "acting_chief"


class Stamp(TypedDict):
    """The actor as an event's envelope records it: the account, its main role and the bureau or organisation for which it acted,
    without name or phone. `acting_for`: the chief in whose name an acting chief signed."""

    username: str
    role: str | None
    bureau: str | None
    organisation: str | None
    acting_for: NotRequired[str]


class ActorDict(TypedDict):
    """The actor in the form in which a request contains it."""

    username: str
    roles: list[str]
    bureau: str | None
    organisation: str | None
    name: NotRequired[str | None]
    acting_for: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that makes a request or causes an event: its roles, and the one bureau or organisation (uscc) for which it
    acts. `acting_for` is the chief in whose name an officer temporarily signs; the officer then also has the role chief."""

    username: str
    roles: tuple[str, ...] = ()
    bureau: str | None = None
    organisation: str | None = None
    name: str | None = None
    acting_for: str | None = None

    def has(self, *roles: str) -> bool:
        """Return whether the account has any of these roles."""
        return any(role in self.roles for role in roles)

    def require(self, *roles: str) -> None:
        """Raise Forbidden unless the account has one of these roles."""
        if not self.has(*roles):
            role_names = ", ".join(role.replace("_", " ") for role in roles)
            raise Forbidden(
                "role_required",
                f"此操作需要以下角色之一：{'、'.join(ROLES.get(role, role) for role in roles)}。请使用相应账号登录。",
                f"This needs one of the roles {role_names}. Please log in with such an account.",
                roles=list(roles),
            )

    @property
    def of_province(self) -> bool:
        return self.bureau == PROVINCE

    @property
    def official(self) -> bool:
        """Return whether the actor is an officer or a chief of a bureau."""
        return self.bureau is not None and self.has("officer", "chief")

    def to_dict(self) -> ActorDict:
        data: ActorDict = {
            "username": self.username,
            "roles": list(self.roles),
            "bureau": self.bureau,
            "organisation": self.organisation,
            "name": self.name,
        }
        if self.acting_for:
            data["acting_for"] = self.acting_for
        return data

    @classmethod
    def from_dict(cls, data: ActorDict) -> Actor:
        arguments = (data["username"], tuple(data["roles"]), data["bureau"], data["organisation"], data.get("name"))
        return cls(*arguments, acting_for=data.get("acting_for"))

    @property
    def role(self) -> str | None:
        """Return the role that the audit log and events record; None if the account has no role."""
        if self.acting_for:
            return ACTING_CHIEF
        return self.roles[0] if self.roles else None

    def stamp(self) -> Stamp:
        """Return the actor as an event's envelope records it: the account, its main role, and the bureau or organisation for
        which it acts. Name and phone are left out."""
        stamp: Stamp = {
            "username": self.username,
            "role": self.role,
            "bureau": self.bureau,
            "organisation": self.organisation,
        }
        if self.acting_for:
            stamp["acting_for"] = self.acting_for
        return stamp


#: The platform itself, as the actor of sweeps and reactions to events.
SYSTEM = Actor("system", ("system",))

#: The actor of a request without credentials.
NOBODY = Actor("", ())
