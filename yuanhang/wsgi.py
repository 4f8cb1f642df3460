"""WSGI entry point of the web server."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

from yuanhang.postgres import bounded_waits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
application = get_wsgi_application()

# Pages wait for no database for ever; commands and the queue may have longer work.
bounded_waits.install()


def _limit_statements(connection, **_kwargs):
    # A pool gives the connection to others afterwards; its own settings hold the limit then.
    if not getattr(settings, "DB_POOLED", False):
        bounded_waits.limit_statements(connection)


connection_created.connect(_limit_statements)
