"""Who sees a case: said of one row as of many."""

import pytest

from hazards.cases.access import can_open, sees_as_staff
from hazards.cases.models.hazards import Hazard
from tests.factories.hazards import report

PEOPLE = ("rider", "stranger", "grid_worker", "other_grid_worker", "staff", "officer", "admin")


@pytest.mark.parametrize("name", PEOPLE)
def test_the_rule_for_a_row_is_the_rule_for_the_list(town, name):
    for grid in (town.six, town.one):
        report(grid, by=town.rider)
    report(None, by=town.stranger)
    user = getattr(town, name)
    seen, charged = Hazard.objects.visible_to(user), Hazard.objects.in_charge_of(user)
    for case in Hazard.objects.all():
        assert can_open(user, case) == seen.filter(pk=case.pk).exists()
        assert sees_as_staff(user, case) == charged.filter(pk=case.pk).exists()
