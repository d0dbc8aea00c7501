"""One service at work: binds a registry to a database, a clock and keys. Every bus drives it through the same few methods."""

from services.kernel.runtime.addresses import Addresses
from services.kernel.runtime.events import Events
from services.kernel.runtime.jobs import Errands
from services.kernel.runtime.requests import Requests


class ServiceRuntime(Requests, Events, Errands, Addresses):
    """All the duties of a service; `Requests` brings those of time, which may be asked for as well."""
