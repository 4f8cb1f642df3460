"""The people: registration and consent."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkersConfig(AppConfig):
    """The people: registration and consent."""

    name = "workers"
    verbose_name = _("新就业群体")
