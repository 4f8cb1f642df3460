"""What is asked of a row at hand says the same as what is asked of the database."""

from django.contrib.auth.models import AnonymousUser

from hazards.cases.access import can_open, sees_as_staff
from hazards.cases.models.hazards import Hazard
from stations.postings.models import Posting
from tests.factories.hazards import report
from tests.factories.workers import UserFactory, post
from yuanhang.core.models import User


def test_a_row_is_open_to_whom_the_list_shows_it(town):
    cases = [report(town.six, by=town.rider), report(town.one), report(town.far, by=town.stranger)]
    cases.append(report(None, by=town.grid_worker))
    both = UserFactory()
    for grid in (town.one, town.far):
        post(both, Posting.Role.GRID_WORKER, grid)
    off = UserFactory(is_active=False)
    seen = set()
    for user in (*User.objects.all(), AnonymousUser()):
        shown = set(Hazard.objects.visible_to(user))
        assert {case for case in cases if can_open(user, case)} == shown, user
        charged = set(Hazard.objects.in_charge_of(user))
        assert {case for case in cases if sees_as_staff(user, case)} == charged, user
        seen.add((len(shown), len(charged)))
    assert len(seen) > 4  # everybody, nobody, and some between
    assert not can_open(off, cases[0])
