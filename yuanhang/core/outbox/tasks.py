"""Queue work: what waits in the outbox."""

from yuanhang.core.jobs import LONG, OUTSIDE, job, on

from . import deliveries, unsettled


@job
@on(OUTSIDE)
def deliver(delivery_id):
    """Queued with each delivery."""
    return deliveries.deliver(delivery_id)


@job
def sweep_deliveries():
    """What is due and was not sent."""
    return deliveries.sweep()


@job
@on(LONG)
def purge_deliveries():
    """What left long ago."""
    return deliveries.purge()


@job
def remind_of_unsettled():
    """What waits for a person in the admin."""
    return unsettled.remind()
