"""What the tests of sightings share."""

from datetime import timedelta

from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.sightings.models import Sighting

PAGE = "/hazards/around/"
STILL, GONE = Sighting.Says.STILL, Sighting.Says.GONE


def tap(client, hazard, says, **more):
    return client.post(f"/hazards/{hazard.number}/seen/", {"says": says, **more})


def closed_days_ago(hazard, days):
    Hazard.objects.filter(pk=hazard.pk).update(closed_at=timezone.now() - timedelta(days=days))
