"""Pages by noun."""

from .activities import activity
from .teams import team, team_list

__all__ = ["activity", "team", "team_list"]
