"""An account's preferences for e-mail and SMS. All times are Beijing time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from services.contracts.notification_answers import ChannelsAnswerDict, PreferencesAnswerDict, QuietHoursAnswerDict
from services.kernel.clock import SHANGHAI

CHANNELS = ("email", "sms")
DIGESTS = ("none", "daily", "weekly")
#: The time of day, in Beijing time, at which digests are sent; weekly digests are sent on Mondays.
DIGEST_AT = time(8, 0)
#: The preferences of an account that has set none.
DEFAULTS: PreferencesAnswerDict = {
    "language": None,
    "muted": [],
    "channels": {"email": True, "sms": False},
    "quiet_hours": None,
    "digest": "none",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """The preferences of one account. `channels`: channel → whether the account uses it; `quiet_hours`: {"from", "to"} as HH:MM,
    or None; `digest`: one of DIGESTS."""

    language: str | None
    muted: tuple[str, ...]
    channels: ChannelsAnswerDict
    quiet_hours: QuietHoursAnswerDict | None
    digest: str

    def wants(self, channel: str, type: str, *, urgent: bool) -> bool:
        """Return whether the account wants messages of this type over this channel. Only urgent messages are sent by SMS."""
        types_wanted = self.channels["sms"] if channel == "sms" else self.channels["email"]
        return types_wanted and type not in self.muted and (channel != "sms" or urgent)

    def gathered(self, *, urgent: bool) -> bool:
        """Return whether the message waits for the account's next digest. An urgent message does not wait."""
        return self.digest != "none" and not urgent

    def send_at(self, now: datetime, *, urgent: bool) -> datetime:
        """Return when the message may be sent: now, with the next digest, or after the quiet hours."""
        return self._after_quiet(self._digest_after(now) if self.gathered(urgent=urgent) else now)

    def _digest_after(self, now: datetime) -> datetime:
        local = now.astimezone(SHANGHAI)
        at = local.replace(hour=DIGEST_AT.hour, minute=DIGEST_AT.minute, second=0, microsecond=0)
        if at <= local:
            at += timedelta(days=1)
        if self.digest == "weekly":
            at += timedelta(days=-at.weekday() % 7)
        return at

    def _after_quiet(self, at: datetime) -> datetime:
        if self.quiet_hours is None:
            return at
        local = at.astimezone(SHANGHAI)
        quiet_begin, quiet_end = time.fromisoformat(self.quiet_hours["from"]), time.fromisoformat(self.quiet_hours["to"])
        overnight = quiet_begin > quiet_end
        inside = (
            (local.time() >= quiet_begin or local.time() < quiet_end) if overnight else quiet_begin <= local.time() < quiet_end
        )
        if not inside:
            return at
        quiet_over = local.replace(hour=quiet_end.hour, minute=quiet_end.minute, second=0, microsecond=0)
        return quiet_over + timedelta(days=1) if quiet_over <= local else quiet_over
