"""Taking a complaint exactly once, answering it, and making that public without the person."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from stations.areas.models import Community
from stations.complaints import notifications
from stations.complaints.access import can_answer, capacity_of
from stations.complaints.models import Complaint, ComplaintSlip
from stations.complaints.transitions import COMPLAINTS, READER
from yuanhang.core import audit
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.holidays import CHINA
from yuanhang.core.locked_transitions import carry_out
from yuanhang.core.models import User
from yuanhang.core.phones import find_numbers
from yuanhang.core.text import folded

State = Complaint.State
# Our promise; the national rule of 2026 asks for a box whose entries get answers, and no number.
WORKDAYS = 5
SIGNATURES_CHECKED = 200  # names that a public text is looked through for


@dataclass(frozen=True)
class Content:
    """What somebody sends: the words, to whom, about which community, and who it is.

    `user` and `name` are empty for somebody who does not sign; nothing else tells of them.
    """

    text: str
    reader: str
    community: Community
    user: User | None = None
    name: str = ""

    @property
    def digest(self) -> str:
        return digest_of(self.text)

    def is_of(self, slip: ComplaintSlip) -> bool:
        """Whether a slip stands for this very content."""
        one = slip.complaint
        return (digest_of(one.text), one.reader, one.community_id, slip.user_id, slip.name) == (
            self.digest,
            self.reader,
            self.community.pk,
            self.user.pk if self.user else None,
            self.name,
        )

    def key_beside(self, submission_key: UUID) -> UUID:
        """The key of this content where the sent one stands for another: always the same one."""
        user = self.user.pk if self.user else None
        return uuid5(
            submission_key, repr((self.digest, self.reader, self.community.pk, user, self.name))
        )


def digest_of(text: str) -> str:
    """By which the same words are known, however they are spaced and whatever their width."""
    return salted_hmac("stations.complaints", "".join(folded(text).split())).hexdigest()


def submit(content: Content, *, submission_key: UUID) -> tuple[ComplaintSlip, bool]:
    """Take a complaint, exactly once per key; returns (its slip, whether it is new).

    The same key with the same content is the same complaint; with another one it is a second one,
    of a page that was come back to. What is sent in the same words while it waits is one matter
    with several slips: two hundred equal posts are one row to read.
    """
    key = submission_key
    while True:
        rows = ComplaintSlip.objects.select_related("complaint")
        slip = rows.filter(submission_key=key).first()
        if slip is None:
            try:
                return _stored(content, key), True
            except IntegrityError:
                if not rows.filter(submission_key=key).exists():
                    raise
                continue
        beside = content.key_beside(submission_key)
        if content.is_of(slip) or beside == key:
            return slip, False
        key = beside


@transaction.atomic
def _stored(content: Content, key: UUID) -> ComplaintSlip:
    today = timezone.localdate()
    complaint, is_new = _held(content, today)
    slip = ComplaintSlip.objects.create(
        complaint=complaint, submission_key=key, user=content.user, name=content.name
    )
    if is_new:
        # Not by whom: whoever it is about may read the trail.
        audit.record("stations.complaint_submit", complaint)
        notifications.arrived(complaint, today)
    return slip


def _held(content: Content, today: date) -> tuple[Complaint, bool]:
    """(the matter with these words, whether it is new); one that waited already is held."""
    while True:
        row, is_new = Complaint.objects.get_or_create(
            community=content.community,
            reader=content.reader,
            digest=content.digest,
            state=State.WAITING,
            defaults={"text": content.text, "due_on": CHINA.workday_after(today, WORKDAYS)},
        )
        if is_new:
            return row, True
        # Whoever answers it at this moment was faster: then these words are a new matter.
        waiting = Complaint.objects.waiting().select_for_update(of=("self",), no_key=True)
        if waiting.filter(pk=row.pk).exists():
            Complaint.objects.filter(pk=row.pk).update(times=F("times") + 1)
            return row, False


def answer(complaint: Complaint, *, text: str, by: User) -> Complaint:
    """Answer it; whoever sent it reads it by their link. Returns the fresh row.

    Raises NotAllowedNowError when somebody else was faster, or it was not written to `by`.
    """
    fields = {
        "answer": text,
        "answered_at": timezone.now(),
        "answered_as": capacity_of(by, complaint),
        "digest": "",
    }
    with transaction.atomic():
        row = _carry_out(complaint, "answer", by, fields)
        notifications.answered(row)
    return row


def publish(complaint: Complaint, *, text: str, answer: str, by: User) -> Complaint:
    """Let everybody read a version that staff wrote; returns the fresh row.

    Raises NotAllowedNowError when it is public already or not answered, when it was not written to
    `by`, and for a version that names the sender or holds a telephone number of a person.
    """
    refuse_person(complaint, text, answer)
    fields = {"public_text": text, "public_answer": answer, "published_at": timezone.now()}
    return _carry_out(complaint, "publish", by, fields)


def unpublish(complaint: Complaint, *, by: User) -> Complaint:
    """Take the public version back; returns the fresh row. Raises as `publish`."""
    fields = {"public_text": "", "public_answer": "", "published_at": None}
    return _carry_out(complaint, "unpublish", by, fields)


def _carry_out(complaint, verb, by, fields):
    if not can_answer(by, complaint):
        raise NotAllowedNowError(_("这一件不是写给你的。"))
    return carry_out(
        COMPLAINTS,
        complaint,
        verb,
        by=by,
        capacity=READER,
        fields=fields,
        parent=complaint.community,
    )


def refuse_person(complaint: Complaint, *texts: str) -> None:
    """Raise NotAllowedNowError where a public text tells who wrote, or holds a mobile number."""
    slips = complaint.slips.select_related("user")[:SIGNATURES_CHECKED]
    names = {slip.signature.strip() for slip in slips}
    for text in texts:
        for name in names:
            if len(name) > 1 and folded(name) in folded(text):
                raise NotAllowedNowError(
                    _("公开的话里有写信人的名字「%(name)s」，去掉再公开。") % {"name": name}
                )
        if any(found.is_mobile for found in find_numbers(text)):
            raise NotAllowedNowError(_("公开的话里有手机号，去掉再公开。"))


# --- the clock --------------------------------------------------------------------------------


def remind(today: date | None = None) -> tuple[int, int]:
    """Tell readers once of what is due by the next workday, and once of what is late.

    Returns (how many are due soon, how many are late) that nobody was told of before. Nothing on
    days off: nobody is there to answer.
    """
    today = today or timezone.localdate()
    if not CHINA.is_workday(today):
        return 0, 0
    waiting = Complaint.objects.waiting()
    soon = waiting.filter(due_on__range=(today, CHINA.workday_after(today, 1)), soon_told_at=None)
    late = waiting.filter(due_on__lt=today, overdue_told_at=None)
    counts = [
        _round(soon, "soon_told_at", notifications.soon, today),
        _round(late, "overdue_told_at", notifications.overdue, today),
    ]
    return counts[0], counts[1]


def _round(rows: QuerySet[Complaint], field: str, tell, today: date) -> int:
    """Claim the rows of each reader by a conditional update, then tell that reader of them all."""
    total = 0
    places = rows.order_by("community", "reader").values_list("community", "reader").distinct()
    for community, reader in list(places):
        with transaction.atomic():
            here = rows.filter(community=community, reader=reader)
            one = here.select_related("community").first()
            count = here.update(**{field: timezone.now()})
            if one is not None and count:
                tell(one, count, today)
            total += count
    return total
