"""The metadata of the application service's tables. Every module in this folder imports it."""

from __future__ import annotations

from sqlalchemy import MetaData

from services.kernel.persistence.tables import metadata as kernel

metadata = MetaData(naming_convention=kernel.naming_convention)
