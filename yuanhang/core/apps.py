"""The floor: installed under the label of the project."""

from django.apps import apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms


class CoreConfig(rooms.RoomConfig):
    """User, audit, notices, and the pure helpers for photos, voice and places."""

    name = "yuanhang.core"
    label = "yuanhang"
    verbose_name = _("账号与通知")
    scheduled_jobs = "yuanhang.core.schedules.SCHEDULED_JOBS"
    retention_rules = (
        "yuanhang.core.audit_retention.RULES",
        "yuanhang.core.uploads.retention.RULES",
    )

    def ready(self):
        # Hook up the checks, the disk to rows that go, and what follows a migration.
        from yuanhang.core import (  # the checks register themselves
            checks,  # noqa: F401
            sentences,
        )
        from yuanhang.core.stored_files import removal

        sentences.install()

        removal.go_with_rows(apps.get_models())
        post_migrate.connect(rooms.after_migrate, sender=self)
