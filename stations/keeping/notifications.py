"""Who is told how a station is."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from stations.houses.models import FirstAidItem, Station
from stations.postings.access import community_staff_keys, station_keeper_keys
from yuanhang.core.outbox import notices


def keepers_of(station: Station) -> list[int]:
    """Keys of the people who keep a station: its own keepers, and the staff of its community."""
    keys = [*station_keeper_keys(station.pk), *community_staff_keys(station.community_id)]
    return list(dict.fromkeys(keys))


def first_aid_expires(station: Station, rows: Sequence[FirstAidItem], day: date) -> None:
    """What in the box is too old soon, or is by now."""
    notices.send(
        keepers_of(station),
        "stations.first_aid_expires",
        key=f"first_aid:{station.pk}:{day.isoformat()}",
        context={"station": station, "rows": rows, "today": day},
        url=reverse("stations:keep", args=[station.slug]),
    )
