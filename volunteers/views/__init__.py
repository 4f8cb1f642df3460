"""Pages by noun."""

from .activities import activity

__all__ = ["activity"]
