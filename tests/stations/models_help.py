"""What the tests of models share."""

from datetime import timedelta

from django.utils import timezone

TODAY = timezone.localdate
DAY = timedelta(days=1)
