"""What the tests of help share: neighbours who said yes, and a request."""

import uuid
from datetime import time

from django.utils import timezone

from stations.houses.models import Station
from tests import media
from tests.factories.hazards import stored_photo, stored_voice
from tests.factories.stations import OpeningHoursFactory
from tests.factories.workers import UserFactory, WorkerFactory, post
from workers.help import asking
from workers.help.asking import Attached
from workers.models import Consent, PrivacyNotice, Worker
from yuanhang.core import geo

POINT = geo.Point(46.5451234, 124.9451234, 12.0, "wgs84")


def open_always(station):
    """Open at every hour of the week, on holidays too."""
    for weekday in range(7):
        OpeningHoursFactory(station=station, weekday=weekday, opens=time(0), closes=time(0))
    Station.objects.filter(pk=station.pk).update(on_holidays="usual")


def confirm(worker):
    """Staff said that this is who they say."""
    Worker.objects.filter(pk=worker.pk).update(confirmed_at=timezone.now())
    return worker


def neighbour(town, grid=None, *, confirmed=True, willing=True, **fields):
    """The account of a worker who may be asked, at any hour."""
    worker = WorkerFactory(
        user=UserFactory(**fields),
        community=town.community,
        help_times=list(Worker.HelpTime.values) if willing else [],
    )
    worker.usual_grids.add(grid or town.six)
    if willing:
        Consent.objects.create(
            worker=worker, purpose=Consent.Purpose.HELP_TIMES, notice=PrivacyNotice.current()
        )
    return (confirm(worker) if confirmed else worker).user


def asker(town):
    """The rider, whom staff have confirmed."""
    confirm(town.rider.worker)
    return town.rider


def keeper(town, **fields):
    """Somebody who keeps the station, which is open."""
    open_always(town.station)
    user = UserFactory(**fields)
    post(user, "station_keeper", town.station)
    return user


def attached():
    """A photo and a voice note, as a form's files became."""
    return Attached(
        photos=[stored_photo(media.jpeg(64, 48))],
        voices=[stored_voice(media.wav(1.0))],
        digest="d",
    )


def call(town, *, by=None, kind="battery", neighbours=None, **fields):
    """A request in grid six; of somebody with an account it goes to neighbours as well."""
    wanted = by is not None if neighbours is None else neighbours
    row, _token = asking.ask(
        by=by,
        submission_key=uuid.uuid4(),
        kind=kind,
        grid=town.six,
        point=POINT,
        source="device",
        words=fields.pop("words", "在桥头，灰色的车"),
        place=fields.pop("place", "外环路公交站往东"),
        asks_neighbours=wanted,
        **fields,
    )
    return row
