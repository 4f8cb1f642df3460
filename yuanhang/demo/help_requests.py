"""Calls for help on one cold evening; people and places are made up, and phones ring nowhere."""

import uuid
from datetime import timedelta

from django.utils import timezone

from stations.areas.models import Community, Grid
from workers import workers
from workers.help import asking, help_requests
from workers.help.models import HelpRequest
from workers.models import Consent, Worker
from workers.proofs import proofs
from yuanhang.core import geo

HELP = Consent.Purpose.HELP_TIMES


def make_help(riders, keeper):
    """One open for neighbours, one that somebody goes to, one of a guest, one over; the number.

    The two riders of the demo may be called in grid six, at any hour.
    """
    home = Community.objects.home()
    six = Grid.objects.get(community=home, number=6)
    for rider in riders[:2]:
        _say_yes(rider.worker, six)
    rows = Worker.objects.filter(user__in=riders[2:], confirmed_at__isnull=False)
    askers = [worker.user for worker in rows.select_related("user").order_by("pk")[:3]]
    latitude, longitude = six.centre
    point = geo.Point(latitude, longitude, 15.0)
    open_one = _ask(askers[0], six, "battery", "外环路公交站往东", "电瓶没电了，推不动", point)
    taken = _ask(askers[1], six, "broken", "平房区二巷口", "后胎扎了", point)
    help_requests.take(taken, by=keeper)
    guest = _ask(None, six, "frozen", "大集东口", "手没知觉了，在彩票店门口", None)
    help_requests.answer(guest, text="驿站开着暖气，十分钟到你那儿", by=keeper)
    over = _ask(askers[2], six, "stuck", "南六街", "陷在雪里，已经出来了", None)
    help_requests.close(over, by=askers[2], end=HelpRequest.End.HELPED)
    _stay((open_one, guest))
    return HelpRequest.objects.count()


def _say_yes(worker, grid):
    given = list(worker.consents.in_force().exclude(purpose=Consent.Purpose.BASIC))
    workers.correct(
        worker,
        by=worker.user,
        usual_grids=[grid, *worker.usual_grids.exclude(pk=grid.pk)],
        consents=[*(row.purpose for row in given), HELP],
        free_times=worker.free_times,
        help_times=list(Worker.HelpTime.values),
    )


def _ask(by, grid, kind, place, words, point):
    row, _token = asking.ask(
        by=by,
        submission_key=uuid.uuid4(),
        kind=kind,
        grid=grid,
        place=place,
        words=words,
        point=point,
        source="device" if point else "words",
        contact_name="" if by else "路过的骑手（演示）",
        contact_phone="" if by else "10000009001",
        asks_neighbours=by is not None,
    )
    return row


def _stay(rows):
    """As if their askers had said 还要人: a demo is looked at for days."""
    now = timezone.now()
    HelpRequest.objects.filter(pk__in=[row.pk for row in rows]).update(
        questioned_at=now, closes_at=now + timedelta(days=3)
    )


def make_proofs(riders, staff):
    """我在帮忙: one that the community confirmed, one that waits; both of the first rider."""
    six = Grid.objects.get(community=Community.objects.home(), number=6)
    shown = proofs.Shown(name=True, platform=True)
    for what in ("accident", "elder"):
        made = proofs.register(
            by=riders[0], submission_key=uuid.uuid4(), what=what, shown=shown, grid=six
        )
        if what == "accident":
            unit = "八百垧分局派出所（演示）"
            proofs.confirm(made, by=staff, against="witness", unit=unit)
