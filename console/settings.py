"""The settings of the console. The process that runs the console must supply them; the console reads no environment variables
itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Site:
    """The facts about the site that the footer of every page shows (国办发〔2017〕47号). An empty value is left out."""

    sponsor: str = "广西壮族自治区科学技术厅"
    identifier: str = ""
    icp: str = ""
    police: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The settings of one console process.

    `keys` returns the sealing keys of session cookies as secret texts, newest first; it is called for every request, so that keys
    can be changed while the console runs. `store_origin` is the origin of the object store as browsers reach it, empty if the
    gateway itself receives the documents' bytes. `public_url` is the address at which readers reach the platform: addresses for
    search engines begin with it, and never with the Host of a request. `province_url` is set where this console serves one bureau
    with a platform of its own: the address of the province's platform, which has papers, timelines and the register. Times are in
    seconds.
    """

    keys: Callable[[], tuple[str, ...]]
    site: Site = field(default_factory=Site)
    store_origin: str = ""
    province_url: str = ""
    public_url: str = ""
    idle_seconds: int = 30 * 60
    session_seconds: int = 12 * 60 * 60
