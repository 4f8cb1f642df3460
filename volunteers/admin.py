"""The admin of the volunteering room, by noun."""

from . import record_admin

__all__ = ["record_admin"]
