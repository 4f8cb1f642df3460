"""Questions the floor asks of the rooms above; who listens is listed in the README."""

from django.dispatch import Signal

# Sent with `user` at log-in. A receiver answers how many hours the session may last, or None.
session_hours_wanted = Signal()
