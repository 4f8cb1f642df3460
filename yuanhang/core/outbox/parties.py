"""Other people's servers that messages go to: one that did not answer rests as a whole.

Without it each message would wait for the time-out of its own, and a slow host would take the
queue for hours.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .models import Party

# Rests of 1, 2, 4, 8 minutes, and from then on of a quarter of an hour.
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)
# Whoever tries first after a rest is waited for so long before the next one may.
PROBE = timedelta(minutes=1)
SLOW_SECONDS = 2.0  # whoever fails faster holds nobody up


def rests_until(key: str, now: datetime) -> datetime | None:
    """Until when nothing may be sent to this party; None where the caller may try now.

    After a rest that is one caller alone: it takes the next minute for itself.
    """
    tired = Party.objects.filter(key=key, failures__gt=0)
    free = tired.filter(Q(rests_until__isnull=True) | Q(rests_until__lte=now))
    if free.update(rests_until=now + PROBE):
        return None
    return tired.values_list("rests_until", flat=True).first()


def holds_people_up(key: str, now: datetime) -> bool:
    """Whether the party rests because it was slow: nobody shall wait in front of a page for it."""
    tired = Party.objects.filter(key=key, failures__gt=0, rests_until__gt=now)
    return tired.filter(is_slow=True).exists()


def rest(key: str, error: str, seconds: float) -> datetime:
    """The party failed after so many seconds: it rests, longer each time; returns until when."""
    now = timezone.now()
    with transaction.atomic():
        Party.objects.get_or_create(key=key)
        party = Party.objects.select_for_update().get(key=key)
        party.failures += 1
        party.failing_since = party.failing_since or now
        length = FIRST_REST * 2 ** min(party.failures - 1, 10)
        party.rests_until = now + min(length, LONGEST_REST)
        party.error, party.is_slow = error[:200], seconds >= SLOW_SECONDS
        party.save()
    return party.rests_until


def bring_near(now: datetime) -> None:
    """After a clock was set back: nobody rests longer than the longest rest."""
    latest = now + LONGEST_REST
    Party.objects.filter(rests_until__gt=latest).update(rests_until=latest)


def wake(key: str) -> None:
    """The party answered, whatever it said."""
    tired = Party.objects.filter(key=key, failures__gt=0)
    tired.update(failures=0, failing_since=None, rests_until=None, error="", is_slow=False)
