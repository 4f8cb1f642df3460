"""The running deadline, as the database counts it out and as a row in memory says it."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests.factories.hazards import into, report

HOURS = (None, 1, 9)


@pytest.mark.parametrize("state", State.values)
def test_both_say_the_same_in_every_state(town, state):
    hazard = into(report(town.six, by=town.rider), state, town)
    now = timezone.now()

    def at(hours):
        return None if hours is None else now + timedelta(hours=hours)

    for acknowledge, secure, fix, secured in itertools.product(HOURS, HOURS, HOURS[1:], (None, 0)):
        Hazard.objects.filter(pk=hazard.pk).update(
            acknowledge_due_at=at(acknowledge),
            secure_due_at=at(secure),
            fix_due_at=at(fix),
            secured_at=at(secured),
        )
        fresh = Hazard.objects.get(pk=hazard.pk)
        assert fresh.next_due_at == fresh.due_at
        assert Hazard.objects.due_before(now).count() == 0
        late = fresh.due_at is not None
        assert Hazard.objects.due_before(now + timedelta(hours=9)).exists() == late
