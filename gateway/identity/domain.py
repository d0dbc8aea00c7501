"""The rules of a valid account: which roles it may have together, and for which bureau or organisation it acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gateway.identity.rows import AccountRow, NewAccount
from services.contracts.gateway.answers import DelegationDataDict
from services.contracts.roles import ROLES
from services.kernel.clock import local_date, real_now
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.policy.bureaus import BUREAUS, PROVINCE, city_bureau_of

#: Groups of roles that one account may have together. No account may decide on a case for which it applied or which it scored, so
#: these roles are in different groups.
FAMILIES = (
    {"applicant"},
    {"officer", "chief"},
    {"expert"},
    {"third_party"},
    {"auditor"},
    {"portal"},
    {"operator"},
)
#: Names reserved for the platform itself.
RESERVED = frozenset({"system", "nobody", "anonymous"})


def check_account(account: AccountRow | NewAccount) -> None:
    """Raise Invalid, naming every mistake, unless the account's roles, bureau and organisation fit together."""
    errors = [*_role_errors(account["roles"]), *_acts_for(account)]
    if account["username"] in RESERVED:
        errors.append(
            _error("/username", "reserved_username", "此用户名由系统保留，请换一个。", "This name is reserved; take another.")
        )
    if ("expert" in account["roles"]) != (account["expert"] is not None):
        errors.append(
            _error(
                "/expert",
                "expert_data",
                "专家账号须填写专家信息（工作单位等），其他账号不填。",
                "An expert needs an employer and so on; other accounts have none.",
            )
        )
    if account.get("delegation") is not None and "applicant" not in account["roles"]:
        zh, en = "只有申报人账号可以是受托账号。", "Only an applicant's account can be a delegate's."
        errors.append(_error("/delegation", "delegation_not_allowed", zh, en))
    if errors:
        raise Invalid(
            "invalid_account",
            "账号信息不成立，请按提示改正。",
            "Such an account cannot act; correct what is named.",
            errors=tuple(errors),
        )


def _role_errors(roles: Sequence[str]) -> list[FieldError]:
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        return [_error("/roles", "unknown_role", f"没有这些角色：{'、'.join(unknown)}。", f"There are no roles {unknown}.")]
    if not roles or not any(set(roles) <= family for family in FAMILIES):
        return [
            _error(
                "/roles",
                "roles_apart",
                "一个账号只能担任一类角色（经办人与负责人可兼任），请分设账号。",
                "One account holds one kind of role (officer and chief go together); make separate accounts.",
            )
        ]
    return []


def _acts_for(account: AccountRow | NewAccount) -> list[FieldError]:
    roles, bureau, organisation = set(account["roles"]), account["bureau"], account["organisation"]
    errors = []
    if bureau is not None and bureau not in BUREAUS:
        errors.append(
            _error("/bureau", "unknown_bureau", "没有这个主管部门，请从名录中选择。", "There is no such bureau; choose one.")
        )
    if roles & {"officer", "chief"} and bureau is None:
        errors.append(_error("/bureau", "bureau_required", "经办人和负责人须属于一个主管部门。", "Officers and chiefs need one."))
    if bureau is not None and not roles & {"officer", "chief", "portal"}:
        errors.append(
            _error("/bureau", "bureau_not_allowed", "此角色不属于主管部门，请留空。", "This role has none; leave it out.")
        )
    if "applicant" in roles and organisation is None:
        errors.append(_error("/organisation", "organisation_required", "申报人须代表一个单位。", "An applicant needs one."))
    if organisation is not None and not roles & {"applicant", "third_party"}:
        zh, en = "此角色不代表单位，请留空。", "This role acts for none; leave it out."
        errors.append(_error("/organisation", "organisation_not_allowed", zh, en))
    return errors


def check_delegation(delegation: DelegationDataDict) -> None:
    """Raise Invalid if the delegation would end before it begins."""
    if delegation_over(delegation):
        raise Invalid.field(
            "/until", "past_date", "授权截止日期不能早于今天；不设期限请留空。", "It ends before today; leave it out for no end."
        )


def require_closed_by_holder(delegation: DelegationDataDict) -> None:
    """Raise Conflict unless the holder of the organisation's first account closed this delegate's account: the holder may open
    again only an account that the holder has closed. An account closed before the platform recorded who closed it counts as
    closed by the operator."""
    if not delegation.get("closed_by"):
        raise Conflict(
            "closed_by_operator",
            "该账号由平台管理员停用，不能由本单位恢复；请联系平台管理员。",
            "The platform's operator closed this account; only the operator opens it again.",
        )


def reset_closing(delegation: DelegationDataDict) -> DelegationDataDict:
    """Return the delegation without the record that the holder closed the account."""
    return {"by": delegation["by"], "may_sign": delegation["may_sign"], "until": delegation["until"]}


def delegation_over(delegation: DelegationDataDict | None) -> bool:
    """Return whether the last day of a delegation is past, in real time, because it determines access."""
    if delegation is None or delegation["until"] is None:
        return False
    return date.fromisoformat(delegation["until"]) < local_date(real_now())


def bureau_of(region: str) -> str:
    """Return the bureau that decides on an organisation's registration: that of its city, or the province for organisations from
    other provinces."""
    return city_bureau_of(region) or PROVINCE


def _error(pointer: str, code: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, code, Text(zh, en))
