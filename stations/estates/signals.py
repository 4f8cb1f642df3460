"""What this room asks of those above; who answers is listed in `yuanhang/README.md`."""

from django.dispatch import Signal

# Sent with `user`, who is logged in: whether this is a worker whom staff have confirmed.
worker_wanted = Signal()
