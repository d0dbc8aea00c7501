"""The rules that every overlay must fulfil, in the form in which it is applied. Each check yields a description of each fault,
and nothing if there is none."""

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
    """Return all faults of one overlay, each with the object concerned."""
    return [f"{rendered.name}: {complaint}" for check in CHECKS for complaint in check(rendered)]
