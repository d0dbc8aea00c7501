"""The order of the doctor's checks: causes come before their effects, so that the operator can begin with the first line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from deploy.composition import services_here
from deploy.doctor import broker, certificates, databases, external, gateway, host
from deploy.doctor.finding import Finding, first_line, soon, wrong
from services.kernel.settings import Settings

#: Seconds between two checks of a fault that may end by itself: longer than a relay, a sealer or a new leader needs to start.
LOOK_AGAIN = 6.0
#: Parts whose findings change while their process restarts repeatedly.
RESTARTING = ("gateway", "queues", "requests", "bureaus")


def examine(settings: Settings) -> Iterator[Finding]:
    """Run all checks that are possible from this machine. A part that cannot be examined is a finding, and does not stop the
    other checks.

    A fault that may end by itself, for example after a start, a restore or a change of the demonstration's date, counts only if a
    second check finds it unchanged.
    """
    here = services_here(settings)
    yield from _safely("settings", host.names)
    yield from _safely("settings", lambda: host.links(settings))
    yield from _safely("holidays", lambda: host.holidays(settings))
    yield from _safely("folder", lambda: host.folder(settings))
    if "documents" in here:
        yield from _safely("fonts", lambda: host.fonts(settings))
    yield from _safely("keys", lambda: host.keys(settings, here))
    found = list(_running(settings, here))
    if any(symptom.passing for symptom in found):
        time.sleep(LOOK_AGAIN)
        found = list(_lasting(found, list(_running(settings, here))))
    yield from found
    yield from _safely("scanner", lambda: external.scanner(settings))
    yield from _safely("mail", lambda: external.mail(settings))
    yield from _safely("sign-on", lambda: external.sign_on(settings))
    yield from _safely("certificates", lambda: certificates.look(settings, here))
    if not any(symptom.where == "gateway" and symptom.grade for symptom in found):
        # A gateway that restarts repeatedly may have answered the first check by chance.
        yield from (symptom for symptom in _safely("gateway", lambda: gateway.look(settings, here)) if symptom.wrong)


def _running(settings: Settings, here: Sequence[str]) -> Iterator[Finding]:
    """Yield the findings about the processes and their dependencies, in the order of cause and effect."""
    known = databases.Databases(settings)
    for service in here:
        yield from _safely(service, lambda service=service: known.reach(service))  # type: ignore[misc]
    yield from _safely("console", lambda: external.api(settings, here))
    bus = list(_safely("bus", lambda: broker.look(settings, here, known.fenced, known.moved, known.reached)))
    yield from bus
    yield from _safely("store", lambda: external.store(settings, here))
    yield from _safely("gateway", lambda: gateway.look(settings, here))
    reason = next((symptom.what for symptom in bus if symptom.wrong and symptom.where == "bus"), None)
    for service in here:
        yield from _safely(service, lambda service=service: known.state(service, reason))  # type: ignore[misc]
    yield from _safely("audit", known.audited)
    known.close()


def _lasting(before: Sequence[Finding], now: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings of the second check, without faults that have just begun or that have changed since the first check."""
    known = {(symptom.where, symptom.passing) for symptom in before}
    for symptom in now:
        if symptom.passing and (symptom.where, symptom.passing) not in known:
            yield soon(symptom.where, symptom.what, "It has just begun, or goes on by itself: look again in a minute.")
        else:
            yield symptom
    ill = {symptom.where for symptom in now if symptom.grade}
    for symptom in before:
        if symptom.passing and symptom.where in RESTARTING and symptom.where not in ill:
            advice = "It has just been started, or it ends and is started again and again: look again, and see its log."
            yield soon(symptom.where, f"{LOOK_AGAIN:.0f} seconds ago, and no longer: {symptom.what}", advice)


def _safely(where: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:
        yield wrong(where, f"it could not be examined: {first_line(error)}", "See whether its settings are right.")
