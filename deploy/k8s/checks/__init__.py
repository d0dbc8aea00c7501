"""What must hold of every overlay as it is applied: each check says in words what is wrong, and nothing when all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deploy.k8s.checks import connections, network, processes, queues, quota, references, safety, scaling, validity
from deploy.k8s.checks.rendered import Rendered

CHECKS: tuple[Callable[[Rendered], Iterator[str]], ...] = (
    validity.check,
    references.check,
    processes.check,
    safety.check,
    scaling.check,
    connections.check,
    quota.check,
    queues.check,
    network.check,
)


def complaints(rendered: Rendered) -> list[str]:
    """All that is wrong with one overlay, each with the object it is about."""
    return [f"{rendered.name}: {complaint}" for check in CHECKS for complaint in check(rendered)]
