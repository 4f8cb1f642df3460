"""Hazard reports and their life."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms


class HazardsConfig(rooms.RoomConfig):
    """Hazard reports and their life."""

    name = "hazards"
    trail_words = ("hazards.cases.words.LABELS", "hazards.trail.WORDS")
    verbose_name = _("隐患上报")
    reference_data = (
        "hazards.catalogue.load_catalogue.load_catalogue",
        "hazards.catalogue.load_catalogue.load_replies",
        "hazards.catalogue.load_catalogue.load_end_reasons",
        "hazards.catalogue.load_catalogue.load_symptoms",
    )
    scheduled_jobs = "hazards.schedules.SCHEDULED_JOBS"
    erasers = ("hazards.published.public.ERASERS",)
    retention_rules = ("hazards.cases.retention.RULES",)

    def ready(self):
        # Listen to the floor; they connect themselves.
        import hazards.cases.receivers
        import hazards.slips.receivers  # noqa: F401
