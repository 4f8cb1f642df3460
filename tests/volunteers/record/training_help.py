"""What the tests of training share."""

from datetime import timedelta

DAY = timedelta(days=1)
