"""Steps of the tests of webhooks: subscribe, let events happen, send the deliveries, and read their results."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.kernel.identity import Actor
from services.kernel.runtime.job_workers import job_workers_of
from services.kernel.testing import ServiceHarness
from services.notification.registry import registry
from tests.integration.notification.sample_events import body
from tests.integration.notification.subscriber import Subscriber

PORTAL = Actor("portal-lz", ("portal",), "450200")
OTHER = Actor("portal-gl", ("portal",), "450300")
OPERATOR = Actor("operator", ("operator",))
[ERRAND] = [errand for errand in registry.jobs if errand.name == "webhooks"]


def subscribe(bench: ServiceHarness, subscriber: Subscriber, actor: Actor = PORTAL, **more: Any) -> str:
    asked = {"url": subscriber.url, "types": ["*"], "of_bureau": None, "cursor": None} | more
    answer = bench.tell("subscribe", actor, **asked)
    subscriber.secret = answer["secret"]
    return str(answer["id"])


def happens(bench: ServiceHarness, *subjects: str, type: str = "application.stage_passed", **more: Any) -> None:
    for subject in subjects:
        bench.react(body(bench, type, subject=f"application/{subject}", **more))


def work(bench: ServiceHarness) -> None:
    """Run the webhooks' job until no delivery is due."""
    while bench.runtime.run_job(ERRAND):
        pass


def subjects(subscriber: Subscriber) -> list[str]:
    return [event["subject"].partition("/")[2] for event in subscriber.taken]


def log(bench: ServiceHarness, id: str, actor: Actor = PORTAL) -> list[dict[str, Any]]:
    return list(bench.ask("list_deliveries", actor, id=id, state=None, limit=200, cursor=None)["items"])


def told(bench: ServiceHarness, actor: Actor) -> list[str]:
    return [m["type"] for m in bench.ask("list_notifications", actor, unread=None, limit=50, cursor=None)["items"]]


@contextmanager
def working(bench: ServiceHarness) -> Iterator[None]:
    """Run all of the service's workers for the length of the block."""
    workers = job_workers_of(bench.runtime)
    threads = [threading.Thread(target=w.serve, args=(n,), daemon=True) for w in workers for n in range(w.at_once)]
    for thread in threads:
        thread.start()
    yield
    for w in workers:
        w.end()
    for thread in threads:
        thread.join(30)
