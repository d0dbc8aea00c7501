"""The number of files and connections that this process may have open."""

from __future__ import annotations

import resource


def allow(wanted: int) -> None:
    """Raise the limit of this process and its children to `wanted`, or to the hard limit that the operator has set if that is
    lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
