"""Stores notices and queues their deliveries, all in the caller's transaction.

The queue's broker is a table of the same database, so a rolled-back change takes its notices and
its queued deliveries with it, and nothing leaves before the commit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from yuanhang.core.models import User
from yuanhang.core.outbox import deliveries
from yuanhang.core.outbox.models import Notice
from yuanhang.core.outbox.sms import NOTICE, Template
from yuanhang.core.text import clean
from yuanhang.core.words import for_keeps, spaced


@dataclass(frozen=True)
class Letter:
    """One text to several people, as `send` takes it.

    A key among the `recipients` stands for somebody who is known to be active, and gets no SMS.
    """

    recipients: Iterable[User | int | None]
    kind: str
    key: str
    context: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    sms: bool | Callable[[User], bool] = False
    short: tuple[Template, Mapping[str, Any]] | None = None
    guest_phone: str = ""
    supersedes: bool = False


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


def send(recipients, kind, **options):
    """Store one notice per recipient, and its SMS where asked for and a gateway is set.

    `kind` is `<app>.<name>` and names the template, which reads `context`; `key` makes it unique
    per recipient, so a repeated call stores nothing new. `sms` may be True or a callable taking
    the user; what an SMS says is `short`, a template of `sms.py` and its values, else the notice's
    title. `guest_phone` reaches a person without an account, by SMS only. With `supersedes` older
    notices that lead a recipient to the same `url` count as read: the newest says where it stands.
    Who was deactivated is told nothing. Returns the notices that are new.
    """
    return send_all([Letter(recipients, kind, **options)])


def send_all(letters: Sequence[Letter], *, seen: Iterable[tuple[int, str]] = ()) -> list[Notice]:
    """The same for several texts; one statement for the notices of them all.

    `seen` are pairs of a person's key and an address: what led them there before counts as read.
    """
    told, senders = [], []
    older: list[tuple[int, str, str | None]] = [(person, url, None) for person, url in seen]
    for letter in letters:
        for notice in written(letter):
            told.append(notice)
            senders.append(letter)
            if letter.supersedes and notice.recipient_id:
                older.append((notice.recipient_id, notice.url, notice.key))
    made = Notice.objects.store_new(told, older)
    if settings.SMS_GATEWAY:
        by_notice = {id(notice): letter for notice, letter in zip(told, senders, strict=True)}
        parcels = [_sms_of(notice, by_notice[id(notice)]) for notice in made]
        deliveries.put_new([parcel for parcel in parcels if parcel])
    return made


def written(letter):
    """The notices that a letter would be, not stored yet: one for each who may hear it."""
    people = {}
    for person in letter.recipients:
        if isinstance(person, int):
            people.setdefault(person, {"recipient_id": person})
        elif person is not None and person.is_active:
            people[person.pk] = {"recipient": person}
    targets = [*people.values()]
    if letter.guest_phone and settings.SMS_GATEWAY:
        targets.append({"recipient": None})
    if not targets:
        return []
    title, body = text_of(letter.kind, letter.context)
    fields = {"kind": letter.kind, "title": title[:120], "body": body, "url": letter.url}
    return [Notice(key=letter.key[:120], **target, **fields) for target in targets]


def _sms_of(notice, letter):
    """The delivery of a new notice by SMS, or None where nobody asked for one."""
    if notice.recipient_id is None:
        wanted = True
    elif callable(letter.sms):
        wanted = letter.sms(notice.recipient)
    else:
        wanted = letter.sms
    if not wanted:
        return None
    template, values = letter.short or (NOTICE, {"title": notice.title})
    return {
        "channel": "sms",
        "notice": notice,
        "address": "" if notice.recipient_id else letter.guest_phone,
        "template": template.name,
        "variables": template.fitting(values),
    }


def mark_seen(users, url):
    """Count the notices that lead these users to a page as read: they are no news any more."""
    told = Notice.objects.unread().filter(recipient__in=users, url=url)
    told.update(read_at=timezone.now())


def close(users, url):
    """Users who will not see a page any more keep what they were told of it, without the way."""
    told = Notice.objects.filter(recipient__in=users, url=url)
    told.unread().update(read_at=timezone.now())
    told.update(url="")
