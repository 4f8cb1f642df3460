"""What staff keep in the admin."""

from . import team_admin  # noqa: F401 - registers itself
