"""Places, grids and who serves where."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StationsConfig(AppConfig):
    """Places, grids and who serves where."""

    name = "stations"
    verbose_name = _("驿站与网格")

    def ready(self):
        """Listen to the floor."""
        from . import receivers  # noqa: F401
