"""What the tests of pages share: reading a page, counting its queries, pressing a button."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

LOCAL = ZoneInfo("Asia/Shanghai")


def text_of(response):
    """What a reader sees, in one line."""
    body = re.sub(r"<script.*?</script>|<style.*?</style>", " ", response.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def markup_of(response):
    """The page's HTML in one line, so that a test does not depend on where lines are broken."""
    return " ".join(response.content.decode().split())


def queries(client, url):
    """How many queries a page takes."""
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def press(client, place, verb, **data):
    """Press a session's button as the page last shown would."""
    page = client.get(place.activity.get_absolute_url()).content.decode()
    block = page.split(f'id="session-{place.pk}"')[1].split("</article>")[0]
    seen = re.search(r'name="seen" value="(\d+)"', block)
    fields = {"seen": seen[1]} if seen else {}
    return client.post(f"/volunteers/sessions/{place.pk}/{verb}/", fields | data)


def at_local(day, hour):
    """A session's start at a local hour of a coming weekday (0 is Monday)."""
    today = timezone.localdate() + timedelta(days=2)
    date = today + timedelta(days=(day - today.weekday()) % 7)
    return datetime(date.year, date.month, date.day, hour, tzinfo=LOCAL)
