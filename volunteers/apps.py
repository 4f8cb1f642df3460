"""Volunteering, training and care: sign up, take part, and a record that can be trusted."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    """Volunteering, training and care."""

    name = "volunteers"
    verbose_name = _("活动和志愿服务")
