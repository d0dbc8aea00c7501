"""The order in which the doctor looks: causes before what they bring about, so that the first line is where to begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deploy.assembly import services_here
from deploy.operations.doctor import broker, certificates, databases, ground, outside
from deploy.operations.doctor.symptom import Symptom, first_line, wrong
from services.kernel.settings import Settings


def examine(settings: Settings) -> Iterator[Symptom]:
    """All that can be looked at from here. A part that cannot be examined is a symptom, and stops nothing."""
    here = services_here(settings)
    yield from _safely("settings", ground.names)
    yield from _safely("settings", lambda: ground.links(settings))
    yield from _safely("holidays", lambda: ground.holidays(settings))
    yield from _safely("folder", lambda: ground.folder(settings))
    if "documents" in here:
        yield from _safely("fonts", lambda: ground.fonts(settings))
    yield from _safely("keys", lambda: ground.keys(settings, here))
    known = databases.Known(settings)
    for service in here:
        yield from _safely(service, lambda service=service: known.reach(service))  # type: ignore[misc]
    yield from _safely("console", lambda: outside.api(settings, here))
    bus = list(_safely("bus", lambda: broker.look(settings, here, known.fenced)))
    yield from bus
    yield from _safely("store", lambda: outside.store(settings, here))
    reason = next((symptom.what for symptom in bus if symptom.wrong and symptom.where == "bus"), None)
    for service in here:
        yield from _safely(service, lambda service=service: known.state(service, reason))  # type: ignore[misc]
    yield from _safely("audit", known.audited)
    known.close()
    yield from _safely("scanner", lambda: outside.scanner(settings))
    yield from _safely("mail", lambda: outside.mail(settings))
    yield from _safely("sign-on", lambda: outside.sign_on(settings))
    yield from _safely("certificates", lambda: certificates.look(settings, here))


def _safely(where: str, look: Callable[[], Iterator[Symptom]]) -> Iterator[Symptom]:
    try:
        yield from look()
    except Exception as error:
        yield wrong(where, f"it could not be examined: {first_line(error)}", "See whether its settings are right.")
