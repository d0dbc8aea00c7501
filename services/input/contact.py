"""Phone numbers and e-mail addresses: parse them into one spelling, and mask them for other readers."""

from __future__ import annotations

import re

from services.input.text import fold
from services.input.web_address import BadAddress, canonical_host

#: The JSON Schema pattern of a canonical phone number: digits, blanks and "-", and an extension after 转.
PHONE = r"\+?[0-9][0-9 -]{4,19}(转[0-9]{1,6})?"
_EXTENSION = re.compile(r"[ ,;]*(?:转接|转|分机号?|ext(?:ension)?\.?|x|#)[ :]*", re.IGNORECASE)
#: An atom of RFC 5322. The local part of an accepted address consists of such atoms, joined by single dots.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
#: A phone number with fewer digits than this is masked completely; of a longer number the first three and the last two digits are
#: shown.
_SHOWN_FROM = 9


def parse_phone(text: str) -> str:
    """Return the canonical spelling of a phone number as people write it: "0771-5886000转8001" for （0771）5886000 ext. 8001.
    Raises ValueError if the text is no phone number."""
    number, _, extension = _EXTENSION.sub("转", fold(text)).partition("转")
    number = re.sub(r"^\(([0-9]+)\)\s*-?", r"\1-", number.strip())
    spelling = re.sub(r"\s+", " ", number) + (f"转{extension}" if extension else "")
    if not re.fullmatch(PHONE, spelling, re.ASCII) or len(re.findall(r"[0-9]", number)) < 5:
        raise ValueError(f"{text!r} is no telephone number")
    return spelling


def parse_email(text: str) -> str:
    """Return the canonical spelling of an e-mail address, its domain in ASCII (punycode). Raises ValueError if no mail can be
    delivered to such an address."""
    local, _, domain = fold(text).rpartition("@")
    try:
        host = canonical_host(domain)
    except BadAddress:
        host = ""
    if not _LOCAL.fullmatch(local) or len(local) > 64 or "." not in host or host[-1].isdigit() or len(local + host) > 253:
        raise ValueError(f"{text!r} is no e-mail address")
    return f"{local}@{host}"


def masked_phone(phone: str | None) -> str | None:
    """Return a phone number such as `138****5678`: enough digits to recognise the number, too few to call it. A short number and
    any extension are masked completely."""
    if phone is None:
        return None
    number = phone.partition("转")[0]
    long = len(re.findall(r"[0-9]", number)) >= _SHOWN_FROM
    return f"{number[:3]}****{number[-2:]}" if long else "****"


def masked_email(email: str | None) -> str | None:
    """Return an address such as `z***@example.cn`; a local part of one or two characters is masked completely."""
    if email is None:
        return None
    local, _, domain = email.rpartition("@")
    return f"{local[:1] if len(local) > 2 else ''}***@{domain}"
