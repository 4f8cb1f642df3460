"""Hazard reports and their life."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HazardsConfig(AppConfig):
    """Hazard reports and their life."""

    name = "hazards"
    verbose_name = _("隐患上报")
