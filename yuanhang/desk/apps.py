"""The staff desk: figures, the demo and the one-command start. No models."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class DeskConfig(AppConfig):
    """The roof's own pages and commands."""

    name = "yuanhang.desk"
    label = "desk"


class DeskAdminConfig(AdminConfig):
    """Django's admin with our front page."""

    default_site = "yuanhang.desk.admin_site.DeskAdminSite"
