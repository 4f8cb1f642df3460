"""What the tests of queue share."""

from datetime import timedelta

from django.utils import timezone

from hazards.cases.models.hazards import Hazard

URL = "/hazards/queue/"


def listed(response):
    """The descriptions on the page, in order."""
    assert response.status_code == 200
    return [hazard.description for hazard in response.context["hazards"]]


def waiting(hazard, *, minutes, **fields):
    """Let a case have waited for so long."""
    since = timezone.now() - timedelta(minutes=minutes)
    Hazard.objects.filter(pk=hazard.pk).update(waiting_since=since, **fields)
    return hazard
