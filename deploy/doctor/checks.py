"""The order of the doctor's checks: causes come before their effects, so that the operator can begin with the first line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from deploy.composition import services_here
from deploy.doctor import broker, certificates, databases, external, gateway, host
from deploy.doctor.finding import Finding, first_line, soon, wrong
from services.kernel.settings import Settings

#: Seconds between two checks of a fault that may end by itself: longer than the background threads that publish events or seal
#: audit entries, or a new leader, need to start.
LOOK_AGAIN = 6.0
#: Parts whose findings change while their process restarts repeatedly.
RESTARTING = ("gateway", "queues", "requests", "bureaus")


def examine(settings: Settings) -> Iterator[Finding]:
    """Run all checks that are possible from this machine. A part that cannot be examined is a finding, and does not stop the
    other checks.

    A fault that may end by itself, for example after a start, a restore or a change of the demonstration's date, counts only if a
    second check finds it unchanged.
    """
    services = services_here(settings)
    yield from _report_errors("settings", host.names)
    yield from _report_errors("settings", lambda: host.links(settings))
    yield from _report_errors("holidays", lambda: host.holidays(settings))
    yield from _report_errors("folder", lambda: host.folder(settings))
    if "documents" in services:
        yield from _report_errors("fonts", lambda: host.fonts(settings))
    yield from _report_errors("keys", lambda: host.keys(settings, services))
    findings = list(_running(settings, services))
    if any(symptom.passing for symptom in findings):
        time.sleep(LOOK_AGAIN)
        findings = list(_lasting(findings, list(_running(settings, services))))
    yield from findings
    yield from _report_errors("scanner", lambda: external.scanner(settings))
    yield from _report_errors("mail", lambda: external.mail(settings))
    yield from _report_errors("sign-on", lambda: external.sign_on(settings))
    yield from _report_errors("certificates", lambda: certificates.check(settings, services))
    if not any(symptom.where == "gateway" and symptom.grade for symptom in findings):
        # Check the gateway again: one that restarts repeatedly may have answered the first check by chance.
        yield from (symptom for symptom in _report_errors("gateway", lambda: gateway.check(settings, services)) if symptom.wrong)


def _running(settings: Settings, services: Sequence[str]) -> Iterator[Finding]:
    """Yield the findings about the processes and their dependencies, in the order of cause and effect."""
    databases_checked = databases.Databases(settings)
    for service in services:
        yield from _report_errors(service, lambda service=service: databases_checked.reach(service))  # type: ignore[misc]
    yield from _report_errors("console", lambda: external.api(settings, services))
    bus = list(
        _report_errors(
            "bus",
            lambda: broker.check(
                settings, services, databases_checked.fenced, databases_checked.moved, databases_checked.reached
            ),
        )
    )
    yield from bus
    yield from _report_errors("store", lambda: external.store(settings, services))
    yield from _report_errors("gateway", lambda: gateway.check(settings, services))
    reason = next((symptom.what for symptom in bus if symptom.wrong and symptom.where == "bus"), None)
    for service in services:
        yield from _report_errors(service, lambda service=service: databases_checked.state(service, reason))  # type: ignore[misc]
    yield from _report_errors("audit", databases_checked.audited)
    databases_checked.close()


def _lasting(before: Sequence[Finding], now: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings of the second check, without faults that have just begun or that have changed since the first check."""
    problems_before = {(symptom.where, symptom.passing) for symptom in before}
    for symptom in now:
        if symptom.passing and (symptom.where, symptom.passing) not in problems_before:
            yield soon(symptom.where, symptom.what, "It has just begun, or goes on by itself: look again in a minute.")
        else:
            yield symptom
    ill = {symptom.where for symptom in now if symptom.grade}
    for symptom in before:
        if symptom.passing and symptom.where in RESTARTING and symptom.where not in ill:
            advice = "It has just been started, or it ends and is started again and again: look again, and see its log."
            yield soon(symptom.where, f"{LOOK_AGAIN:.0f} seconds ago, and no longer: {symptom.what}", advice)


def _report_errors(part: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:
        yield wrong(part, f"it could not be examined: {first_line(error)}", "See whether its settings are right.")
