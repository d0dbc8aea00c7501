"""One service at work: binds a registry to a database, a clock and keys. Every bus drives it through the same few methods."""

from services.kernel.duties.addresses import Addresses
from services.kernel.duties.errands import Errands
from services.kernel.duties.events import Events
from services.kernel.duties.requests import Requests


class ServiceRuntime(Requests, Events, Errands, Addresses):
    """All the duties of a service; `Requests` brings those of time, which may be asked for as well."""
