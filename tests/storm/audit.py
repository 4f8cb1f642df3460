"""What a storm has left, looked at in the site's own environment once its queues have settled.

python -m tests.storm.audit <seconds to wait for leases>

Takes {keys, receipts} as JSON, answers {faults, figures}; each fault is a line.
"""

import json
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import django

SETTLED_SECONDS = 400  # of waiting, leases apart


# --- until the queues have nothing left -----------------------------------------------------


def unsettled():
    """What somebody still has to do: messages on their way, and calls that wait or run."""
    from django_q.models import OrmQ

    from yuanhang.core.outbox.models import Delivery

    sent = Delivery.objects.filter(state__in=["pending", "sending"])
    return list(sent.values_list("pk", "state", "attempts")), OrmQ.objects.count()


def let_leases_end():
    """As if the minutes had passed after which what a dead process held is another's."""
    from django.db.models import F
    from django.utils import timezone
    from django_q.models import OrmQ

    from yuanhang.core.outbox.models import Delivery, Party

    now = timezone.now()
    OrmQ.objects.filter(lock__gt=now).update(lock=now)
    Delivery.objects.filter(state="sending").update(due_at=now)
    # Robots take twenty lines a minute, so these minutes have to pass, too.
    chat = Delivery.objects.filter(channel="chat")
    chat.filter(state="sent").update(sent_at=F("sent_at") - timedelta(seconds=61))
    chat.filter(state="pending").update(due_at=now)
    Party.objects.update(rests_until=now)


def settle(lease_seconds):
    """Wait until everything is done; returns what is not. Leases are waited for, or moved."""
    from yuanhang.core.outbox import deliveries

    deadline, still, since = time.monotonic() + SETTLED_SECONDS + 4 * lease_seconds, None, 0.0
    while time.monotonic() < deadline:
        now = unsettled()
        if now == ([], 0):
            return now
        if now != still:
            still, since = now, time.monotonic()
        elif lease_seconds < 60 and time.monotonic() - since > lease_seconds:
            let_leases_end()
            deliveries.sweep()  # which comes each minute
            since = time.monotonic()
        time.sleep(0.5)
    return still


# --- what must be so ------------------------------------------------------------------------


def reports(sent):
    """Each acknowledged report is there once, with its picture; nothing else was made of any."""
    from hazards.cases.models.hazards import Hazard

    cases = {str(case.submission_key): case for case in Hazard.objects.all()}
    for key, receipt in sent["receipts"].items():
        case = cases.get(key)
        if case is None:
            yield f"the acknowledged report {key} is not there"
        elif case.receipt_token != receipt["token"]:
            yield f"{key} was acknowledged by the receipt of another case"
        elif case.files_digest != receipt["digest"]:
            yield f"{key} is there with other files"
    for key in cases.keys() - set(sent["keys"]):
        yield f"the case {cases[key].number} was made twice"
    for key in set(sent["keys"]) - set(sent["receipts"]):
        yield f"nobody could send {key} after the storm"


def numbers():
    """Without gaps from one on, a day."""
    from hazards.cases.models.hazards import Hazard

    given = Counter()
    for number in Hazard.objects.values_list("number", flat=True):
        day, _, last = number.rpartition("-")
        given[day] += 1
        given[day, "last"] = max(given[day, "last"], int(last))
    for day in [key for key in given if isinstance(key, str)]:
        if given[day] != given[day, "last"]:
            yield f"{given[day]} numbers of {day}, the last is {given[day, 'last']}"


def pictures():
    """Each case has one, whole, in all its sizes; each file has a row."""
    from django.core.files.storage import default_storage
    from PIL import Image

    from hazards.cases.models.attachments import HazardPhoto
    from hazards.cases.models.hazards import Hazard
    from hazards.cases.models.steps import Step

    named = set()
    for photo in HazardPhoto.objects.all():
        for name in filter(None, (photo.image.name, photo.thumbnail.name, photo.medium.name)):
            named.add(name)
            try:
                with default_storage.open(name) as file:
                    Image.open(file).load()
            except OSError as error:
                yield f"a picture of case {photo.hazard_id} cannot be read: {error}"
    counts = Counter(HazardPhoto.objects.values_list("hazard_id", flat=True))
    for pk in Hazard.objects.values_list("pk", flat=True):
        if counts[pk] != 1:
            yield f"case {pk} has {counts[pk]} pictures"
    lost = Step.objects.filter(lost_files__gt=0).count()
    if lost:
        yield f"{lost} reports lost their files, with room on the disk"
    root = Path(default_storage.path(""))
    on_disk = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    for name in sorted(on_disk - named):
        if not name.startswith("drafts/"):
            yield f"no row names {name}"


def steps():
    """Each step stands with its trail, and those it concerns were told once."""
    from hazards.cases.models.hazards import Hazard
    from hazards.cases.models.steps import Step
    from yuanhang.core.models import AuditEvent
    from yuanhang.core.outbox.models import Notice

    told = Counter(Notice.objects.values_list("key", "kind"))
    trail = Counter(AuditEvent.objects.values_list("kind", "target_id"))
    made = Counter(Step.objects.values_list("hazard_id", "verb"))
    rows = list(Step.objects.select_related("hazard"))
    for step in rows:
        case, key = step.hazard, f"hazard:{step.hazard_id}:{step.pk}"
        mark = (f"hazards.{step.verb}", str(case.pk))
        times = made[case.pk, step.verb]
        if (times, trail[mark]) != (1, 1):
            yield f"case {case.pk}: {times} times {step.verb}, {trail[mark]} noted"
        staff, own = told[key, f"hazards.staff_{step.verb}"], told[key, f"hazards.{step.verb}"]
        if (staff, own) != ((2, 0) if step.verb == "submit" else (0, 1)):
            yield f"case {case.pk}: {staff} and {own} were told of {step.verb}"
    for pk, state in Hazard.objects.values_list("pk", "state"):
        verbs = {verb for case, verb in made if case == pk}
        if (state == "submitted") != (verbs == {"submit"}) or "submit" not in verbs:
            yield f"case {pk} is {state} after {sorted(verbs)}"


def messages():
    """Nothing waits, nothing was given up; one message to the group and to the guest of each."""
    from hazards.cases.models.hazards import Hazard
    from hazards.cases.models.steps import Step
    from yuanhang.core.outbox.models import Delivery

    states = Counter(Delivery.objects.values_list("channel", "state"))
    wanted = {("chat", "sent"), ("sms", "sent"), ("sms", "unknown")}
    for (channel, state), count in states.items():
        if (channel, state) not in wanted:
            yield f"{count} messages by {channel} are {state}"
    chat = Delivery.objects.filter(channel="chat").count()
    if chat != Hazard.objects.count():
        yield f"{chat} messages to groups, {Hazard.objects.count()} cases"
    accepted = Step.objects.filter(verb="accept", hazard__reporter=None).count()
    texts = Delivery.objects.filter(channel="sms").count()
    if texts != accepted:
        yield f"{texts} messages to guests, {accepted} were accepted"


def erasures():
    """What was erased is gone, and stands on the list outside the database."""
    from volunteers.activities.models.calendar_feeds import CalendarFeed
    from yuanhang.core.erasures import erasure_list
    from yuanhang.core.erasures import erasures as noted
    from yuanhang.core.models import AuditEvent

    noted.settle()
    there = set(CalendarFeed.objects.values_list("pk", flat=True))
    if there:
        yield f"{len(there)} ended addresses are there"
    listed = set()
    if erasure_list.path().exists():
        contents = erasure_list.read(erasure_list.path())
        listed = {pk for one in erasure_list.lasting(contents) for pk in one.ids}
    made = AuditEvent.objects.filter(kind="volunteers.renew_feed")
    gone = {int(pk) for pk in made.values_list("target_id", flat=True)} - there
    if gone - listed:
        yield f"{len(gone - listed)} were erased and a backup would bring them back"


def leftovers():
    """No notes of writers that are gone, nothing that still waits to be removed."""
    from django.conf import settings

    from yuanhang.core.outbox.models import Notice
    from yuanhang.core.stored_files.models import FileToRemove

    notes = [path for path in Path(settings.WRITING_NOTES).iterdir() if path.suffix != ".lock"]
    if notes:
        yield f"{len(notes)} notes of writing are left"
    if FileToRemove.objects.exists():
        yield "files wait to be removed"
    if Notice.objects.filter(kind="core.missing_files").exists():
        yield "rows miss their files"


def figures():
    """What there was, to print."""
    from hazards.cases.models.hazards import Hazard
    from hazards.cases.models.steps import Step
    from yuanhang.core.outbox.models import Delivery

    states = Counter(f"{one} {state}" for one, state in Delivery.objects.values_list(
        "channel", "state"))  # fmt: skip
    return {
        "cases": Hazard.objects.count(),
        "accepted": Step.objects.filter(verb="accept").count(),
        **states,
    }


def main(lease_seconds):
    from yuanhang.core import tasks
    from yuanhang.core.outbox.models import Delivery
    from yuanhang.core.stored_files import writing_notes

    sent = json.load(sys.stdin)
    left = settle(lease_seconds)
    writing_notes.SETTLED_SECONDS = -1  # ten minutes later, the hourly sweep comes
    swept = tasks.sweep_files()
    faults = [] if left == ([], 0) else [f"the queues never settle: {left}"]
    faults += reports(sent)
    for check in (numbers, pictures, steps, messages, erasures, leftovers):
        faults += check()
    sms = {row.reference: row.state for row in Delivery.objects.filter(channel="sms")}
    texts = list(Delivery.objects.filter(channel="chat").values_list("text", flat=True))
    found = {"faults": faults, "figures": figures() | {"swept": swept}}
    print(json.dumps(found | {"sms": sms, "chat": texts}))


if __name__ == "__main__":
    django.setup()
    main(float(sys.argv[1]))
