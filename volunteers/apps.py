"""Volunteering, training and care: sign up, take part, and a record that can be trusted."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms


class VolunteersConfig(rooms.RoomConfig):
    """Volunteering, training and care."""

    name = "volunteers"
    trail_words = ("volunteers.trail.WORDS",)
    verbose_name = _("活动和志愿服务")
    scheduled_jobs = "volunteers.schedules.SCHEDULED_JOBS"
    erasers = ("volunteers.teams.teams.ERASERS",)
    retention_rules = (
        "volunteers.errands.errands.RETENTION",
        "volunteers.searches.searches.RETENTION",
    )

    def ready(self):
        # Listen to the floor; they connect themselves.
        import volunteers.activities.receivers
        import volunteers.errands.receivers
        import volunteers.teams.receivers  # noqa: F401
