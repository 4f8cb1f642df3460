"""What the rooms above hear of a case; who listens is listed in the README of `yuanhang`."""

from django.dispatch import Signal

# Sent after each move with `hazard` as it is now, `step` and the state `before`, in the move's
# transaction: what a receiver raises undoes the move.
case_moved = Signal()
