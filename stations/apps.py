"""Places, grids and who serves where."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms


class StationsConfig(rooms.RoomConfig):
    """Places, grids and who serves where."""

    name = "stations"
    trail_words = ("stations.trail.WORDS",)
    verbose_name = _("驿站与网格")
    reference_data = (
        "stations.houses.load_numbers.load_emergency_numbers",
        "stations.pages.load_pages.load_pages",
    )
    scheduled_jobs = "stations.schedules.SCHEDULED_JOBS"
    retention_rules = (
        "stations.faults.retention.RULES",
        "stations.complaints.retention.RULES",
        "stations.estates.retention.RULES",
    )

    def ready(self):
        # Listen to the floor, give its outbox the way into chats, and its maps their ground.
        from stations.postings import receivers  # noqa: F401 - it connects itself
        from stations.robots.chat_channel import ChatChannel
        from stations.streets import ground
        from yuanhang.core import map_ground
        from yuanhang.core.outbox import channels

        channels.register(ChatChannel())
        map_ground.register(ground.address)
