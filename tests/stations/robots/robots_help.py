"""What the tests of robots share."""

from django_q.models import OrmQ

from stations.robots import robots
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Delivery

State = Delivery.State


def announce(town, *, key="k", text="有 1 件新上报", grid="six"):
    return robots.announce(getattr(town, grid), town.community, key=key, text=text)


def queued():
    return [(task.func(), task.task["args"]) for task in OrmQ.objects.order_by("pk")]


def tasks_of(*messages):
    return [("yuanhang.core.outbox.tasks.deliver", (message.pk,)) for message in messages]


def work():
    """What a queue worker does with what is queued."""
    for _function, arguments in queued():
        deliveries.deliver(*arguments)
    OrmQ.objects.all().delete()
