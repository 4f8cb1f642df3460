"""The staff desk: figures, the demo and the one-command start. No models."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class DeskConfig(AppConfig):
    """The roof's own pages and commands."""

    name = "yuanhang.desk"
    label = "desk"

    def ready(self):
        # Once all models are there.
        from yuanhang.desk.package_admin import install_words

        install_words()


class DeskAdminConfig(AdminConfig):
    """Django's admin with our front page."""

    default_site = "yuanhang.desk.admin_site.DeskAdminSite"
