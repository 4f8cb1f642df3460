"""Stores notices and queues their deliveries, all in the caller's transaction.

The queue's broker is a table of the same database, so a rolled-back change takes its notices and
its queued deliveries with it, and nothing leaves before the commit.
"""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Notice
from yuanhang.core.outbox.sms import NOTICE
from yuanhang.core.text import clean
from yuanhang.core.words import for_keeps, spaced


def _text(template, context):
    """Title (first line) and body (the rest) of `templates/<app>/notices/<kind>.txt`."""
    with for_keeps():
        text = spaced(clean(render_to_string(template, context)))
        title, _, body = text.strip().partition("\n")
    return title.strip(), body.strip()


def text_of(kind, context):
    """(title, body) of a notice of this kind as it would be stored."""
    app, name = kind.split(".", 1)
    return _text(f"{app}/notices/{name}.txt", context)


def send(
    recipients,
    kind,
    *,
    key,
    context=None,
    url="",
    sms=False,
    short=None,
    guest_phone="",
    supersedes=False,
):
    """Store one notice per recipient, and its SMS where asked for and a gateway is set.

    `kind` is `<app>.<name>` and names the template; `key` makes it unique per recipient, so a
    repeated call stores nothing new. `sms` may be True or a callable taking the user; what an
    SMS says is `short`, a template of `sms.py` and its values, else the notice's title.
    `guest_phone` reaches a person without an account, by SMS only. With `supersedes` older
    notices that lead a recipient to the same page count as read: the newest says where it stands.
    Who was deactivated is told nothing. Returns the notices that are new.
    """
    people = {user.pk: user for user in recipients if user is not None and user.is_active}
    targets = {user: user.phone for user in people.values()}
    if guest_phone and settings.SMS_GATEWAY:
        targets[None] = guest_phone
    made = Notice.objects.store_new(written(targets, kind, key=key, context=context, url=url))
    for notice in made:
        user = notice.recipient
        wants_sms = user is None or (sms(user) if callable(sms) else sms)
        if settings.SMS_GATEWAY and wants_sms:
            _put_sms(notice, short, "" if user else targets[user])
    if supersedes and made:
        mark_seen([row.recipient_id for row in made], url, but=made)
    return made


def written(recipients, kind, *, key, context=None, url=""):
    """The notices that `send` would store of this, for a caller who stores them with other rows."""
    told = []
    for user in recipients:
        title, body = text_of(kind, {**(context or {}), "recipient": user})
        fields = {"kind": kind, "title": title[:120], "body": body, "url": url}
        told.append(Notice(recipient=user, key=key[:120], **fields))
    return told


def _put_sms(notice, short, address):
    template, values = short or (NOTICE, {"title": notice.title})
    deliveries.put(
        "sms",
        notice=notice,
        address=address,
        template=template.name,
        variables=template.fitting(values),
    )


def mark_seen(users, url, *, but=()):
    """Count the notices that lead these users to a page as read: they are no news any more."""
    told = Notice.objects.unread().filter(recipient__in=users, url=url)
    told.exclude(pk__in=[notice.pk for notice in but]).update(read_at=timezone.now())


def close(users, url):
    """Users who will not see a page any more keep what they were told of it, without the way."""
    told = Notice.objects.filter(recipient__in=users, url=url)
    told.unread().update(read_at=timezone.now())
    told.update(url="")
