"""The people: registration and consent."""

from django.utils.translation import gettext_lazy as _

from yuanhang.core import rooms


class WorkersConfig(rooms.RoomConfig):
    """The people: registration and consent."""

    name = "workers"
    erasers = ("workers.workers.ERASERS",)
    trail_words = ("workers.trail.WORDS",)
    verbose_name = _("新就业群体")
    reference_data = (
        "workers.load_reference.load_platforms",
        "workers.load_reference.load_privacy_notice",
    )
