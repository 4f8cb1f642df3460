"""The people: registration and consent."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms


class WorkersConfig(rooms.RoomConfig):
    """The people: registration and consent."""

    name = "workers"
    erasers = ("workers.workers.ERASERS", "workers.help.places.ERASERS")
    retention_rules = (
        "workers.rights.retention.RULES",
        "workers.help.retention.RULES",
        "workers.proofs.retention.RULES",
        "workers.aid.retention.RULES",
    )
    scheduled_jobs = "workers.schedules.SCHEDULED_JOBS"
    trail_words = ("workers.trail.WORDS",)
    verbose_name = _("新就业群体")
    reference_data = (
        "workers.load_reference.load_platforms",
        "workers.load_reference.load_privacy_notice",
    )

    def import_models(self):
        """The people's own models, and those of the nouns above them."""
        super().import_models()
        import workers.aid.models
        import workers.help.models
        import workers.proofs.models
        import workers.rights.models  # noqa: F401

    def ready(self):
        # Listen to the floor and to the estates; they connect themselves.
        import workers.aid.checks
        import workers.aid.receivers
        import workers.help.receivers
        import workers.receivers  # noqa: F401
