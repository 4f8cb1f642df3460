"""Queue work of the floor: what is to be forgotten, and what is left over."""

from yuanhang.core import retention
from yuanhang.core.jobs import LONG, enqueue, job, on, queued_arguments
from yuanhang.core.stored_files import sweep

TASK = "yuanhang.core.tasks.erase"


def _queue(rules):
    queued = queued_arguments(TASK)
    keys = [rule.key for rule in rules if (rule.key,) not in queued]
    for key in keys:
        enqueue(TASK, key)
    return len(keys)


@job
def erase_nightly():
    """Each rule of the table in a job of its own, so that one that fails stops no other."""
    return _queue(retention.rules())


@job
def erase_hourly():
    """What may not wait for the night."""
    return _queue(rule for rule in retention.rules() if rule.hourly)


@job
@on(LONG)
def erase(key):
    """One rule; what a run leaves is queued again at once."""
    rule = retention.rule(key)
    count = retention.erase(rule)
    if count and retention.has_due(rule):
        enqueue(TASK, key)
    return count


@job
def sweep_files():
    """Files without a row go, rows without a file are reported."""
    return sweep.sweep()
