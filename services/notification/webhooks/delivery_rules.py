"""The rules of webhooks: which addresses are allowed, how long a delivery is tried, how long nothing is sent to an unreachable
address, and when a subscription is paused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from services.input.web_address import BadAddress, canonical_host, parse_web_address
from services.kernel.errors import Invalid
from services.kernel.retry_policy import RetryPolicy

#: The seconds after which a failed delivery is tried again; a delivery is given up after a day.
RETRIES = RetryPolicy((10, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800), lasts=timedelta(hours=24))
#: A subscription that accepts nothing for this long is paused.
PAUSED_AFTER = timedelta(hours=12)
#: How long nothing is sent to an unreachable address: after the first failure, and at most. The time is doubled after each
#: further failure.
REST, LONGEST_REST = timedelta(seconds=2), timedelta(minutes=5)
#: How long the previous secret continues to sign deliveries after a new one was created.
OLD_SECRET_LASTS = timedelta(hours=24)
#: Days for which the delivery log is kept.
LOG_DAYS = 30
#: The most subscriptions that one account may have.
MOST = 20


class WebhookState(StrEnum):
    """The state of a subscription."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


Network = IPv4Network | IPv6Network
#: Networks whose addresses lead to internal addresses although they look public: translated, tunnelled, IPv4-compatible and
#: site-local addresses.
_WITHIN = tuple(
    ip_network(block) for block in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96", "fec0::/10", "192.0.0.0/24")
)
#: Reason why an address can never work → its error code and texts.
_NEVER = {
    "form": (
        "bad_url",
        "请填写 https:// 开头的完整地址，不带用户名、密码和 #。",
        "Give a full address that begins with https://, without credentials and without #.",
    ),
    "blank": (
        "bad_url",
        "地址中不能有空格和换行；路径中的空格请写作 %20。",
        "An address has no blanks or line breaks; write a blank in the path as %20.",
    ),
    "host": (
        "bad_host",
        "域名有误：各段为 1 至 63 个字母、数字或连字符，不以连字符开头或结尾，例如 portal.example.cn。",
        "This host name cannot exist: its parts have 1 to 63 letters, digits or hyphens and neither begin nor end with a hyphen.",
    ),
    "number": (
        "bad_host",
        "请填写域名；IP 地址请用四段十进制数字完整填写，例如 203.0.113.7。",
        "Give a host name, or an IP address as four plain decimal numbers, such as 203.0.113.7.",
    ),
}
_PATTERN = re.compile(r"[a-z_]+(\.[a-z_]+)?(\.?\*)?|\*")


class Allowed:
    """The private networks (CIDR) and host names to which an operator allows deliveries. Deliveries to them may also use plain
    http."""

    def __init__(self, listed: str) -> None:
        entries = [entry.strip() for entry in listed.split(",") if entry.strip()]
        self._networks = [network for entry in entries if (network := _network(entry))]
        self._hosts = {_in_ascii(entry) for entry in entries if _network(entry) is None}

    def host(self, host: str) -> bool:
        return host.lower() in self._hosts or ((address := _address(host)) is not None and self._listed(address))

    def address(self, host: str, address: str) -> bool:
        """Return whether a connection to this address of this host is allowed."""
        ip = ip_address(address)
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        # Stricter than "not private": addresses of the documentation, shared, reserved and translation ranges are refused too.
        outside = ip.is_global and not ip.is_multicast and not any(ip in network for network in _WITHIN)
        return host.lower() in self._hosts or self._listed(ip) or outside

    def _listed(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)


def check_url(url: str, allowed: Allowed) -> str:
    """Return the URL in ASCII, the form in which deliveries call it. Raises Invalid unless the URL has https, no credentials, and
    a host that can exist and is not in an internal network."""
    try:
        address = parse_web_address(url)
    except BadAddress as error:
        code, zh, en = _NEVER[error.problem]
        raise Invalid.field("/url", code, zh, en) from None
    parts = urlsplit(address)
    host = parts.hostname or ""
    plain = parts.scheme == "http" and allowed.host(host)
    if not (parts.scheme == "https" or plain) or parts.username or parts.password or parts.fragment:
        code, zh, en = _NEVER["form"]
        raise Invalid.field("/url", code, zh, en)
    if not _outside(host, allowed):
        raise private_address()
    return address


def _outside(host: str, allowed: Allowed) -> bool:
    """Return whether deliveries may go to this host: an operator allows the host, or it is a public address or a name that public
    name servers could resolve."""
    if (address := _address(host)) is not None:
        return allowed.address(host, str(address))
    return allowed.host(host) or ("." in host and not host.endswith(".localhost"))


def private_address() -> Invalid:
    return Invalid.field(
        "/url",
        "private_address",
        "不能推送到内部网络或本机地址；内网部署请联系平台管理员放行。",
        "Events are not sent to inner networks or this machine; ask the operator to allow yours.",
    )


def check_types(patterns: Sequence[str], known_types: Sequence[str]) -> None:
    """Raise Invalid for each pattern (an event type, or a prefix such as `application.*`) that matches no event type."""
    for index, pattern in enumerate(patterns):
        matches = [type for type in known_types if type == pattern or (pattern.endswith("*") and type.startswith(pattern[:-1]))]
        if not _PATTERN.fullmatch(pattern) or not matches:
            raise Invalid.field(
                f"/types/{index}",
                "unknown_type",
                f"没有“{pattern}”这样的事件，请从事件目录中选择；可用 * 表示一类。",
                f"There is no event {pattern}; choose one of the catalogue. An * at its end means all that begin so.",
            )


def rest_after(failures: int) -> timedelta:
    """Return how long nothing is sent to an address after this number of failed connections in a row."""
    return min(REST * (1 << min(failures - 1, 20)), LONGEST_REST)


def _in_ascii(host: str) -> str:
    """Return the host in ASCII, as subscriptions store it. An operator may write an allowed host in its own script."""
    try:
        return canonical_host(host)
    except BadAddress:
        return host.lower()


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
