"""The queues: one for each purpose (`yuanhang/core/jobs.py`); `manage.py queues` works them all."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from yuanhang.environment import env_int

# Work that takes longer than its `timeout` is ended. A process holds at most three calls: one
# it works at and two taken along; so `retry`, after which a call is taken for lost, is longer
# than three of them last.
QUEUE_WORKERS = env_int("QUEUE_WORKERS", 1)
if QUEUE_WORKERS < 1:
    raise ImproperlyConfigured("QUEUE_WORKERS must be 1 or more.")
Q_CLUSTER = {
    "name": "yuanhang",
    "orm": "default",
    "broker_class": "yuanhang.core.queue_broker.QueueBroker",
    "cache": "nowhere",
    "workers": QUEUE_WORKERS,
    "queue_limit": QUEUE_WORKERS,
    "timeout": 60,
    "retry": 240,
    "max_attempts": 5,
    "ack_failures": False,
    "poll": 1,
    "save_limit": 1000,
    "bulk": 1,
    "catch_up": False,
    "label": _("后台任务"),
    "ALT_CLUSTERS": {
        "outside": {"timeout": 60, "retry": 240},
        "chat": {"timeout": 60, "retry": 240},
        "long": {"timeout": 300, "retry": 1200},
        "media": {"timeout": 120, "retry": 480},
    },
}
