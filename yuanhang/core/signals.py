"""Questions the floor asks of the rooms above; who listens is listed in the README."""

from django.dispatch import Signal

# Sent with `user` at log-in, and when the user's rights change. A receiver answers how many hours
# the session may last, or the moment at which it ends at the latest, or None.
session_hours_wanted = Signal()

# Sent with `user` and `by`, in the transaction that switches an account off. A receiver frees what
# its noun holds for that person; what it raises undoes the whole.
account_deactivated = Signal()
