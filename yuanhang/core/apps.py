"""The floor: installed under the label of the project."""

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """User, audit, notices, and the pure helpers for photos, voice and places."""

    name = "yuanhang.core"
    label = "yuanhang"
    verbose_name = _("账号与通知")

    def ready(self):
        """Hook up the checks, and the disk to rows that go."""
        from . import checks, files  # noqa: F401

        files.go_with_rows(apps.get_models())
