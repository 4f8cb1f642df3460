"""Who is told what when a case moves. Notices are stored with the move, or not at all."""

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from hazards.cases.transitions import (
    REPORTER,
    REVIEWER,
    SYSTEM,
    TO_CENTRE,
    TO_CENTRE_BY_UNIT,
    TO_FOLLOWERS,
    TO_REPORTER,
    TO_REVIEWERS,
    TRANSITIONS,
    UNIT,
)
from stations.postings.access import (
    centre_officer_keys,
    centre_officers,
    community_staff,
    community_staff_keys,
    grid_worker_keys,
    grid_workers,
)
from stations.robots import robots
from yuanhang.core.gathered import Kind
from yuanhang.core.outbox import notices, sms
from yuanhang.core.outbox.notices import Letter
from yuanhang.core.phones import mobile_digits
from yuanhang.core.worded import worded

# A case's number and its state: no place, no kind and nobody's words go through a provider.
SHORT = sms.register(
    sms.Template(
        "hazards.case",
        gettext_lazy(
            "你报的隐患 %(number)s 有新消息：%(state)s。登录庆小驿网站看详情，也可以用编号查。"
        ),
        {"number": 20, "state": 12},
    )
)

# What a letter to a reporter reads of their case and their account.
TOLD = Kind(
    Hazard,
    *("number", "receipt_token", "contact_phone", "category", "category__name"),
    *("reporter", "reporter__phone", "reporter__is_active"),
    extra=("wants_sms", "was_dispatched"),
)


def reviewers_of(hazard):
    """The workers of the case's grid; where there are none, the community's staff."""
    holders = list(grid_workers(hazard.grid)) if hazard.grid_id else []
    return holders or list(community_staff(hazard.community))


def _reviewer_keys(hazard):
    """The same people by their keys, at no question."""
    return grid_worker_keys(hazard.grid_id) or community_staff_keys(hazard.community_id)


def submission_notices(hazard, step):
    """The notices of a new case that is not stored yet: of this page nobody was ever told."""
    return notices.written(_to_colleagues(_reviewer_keys(hazard), hazard, step))


def announce_submission(hazard, step, chats):
    """Tell these group robots of a new case."""
    announce_in_chat(hazard, _("新上报"), f"hazard:{hazard.pk}:{step.pk}", chats)


def notify_step(hazard, step, *before):
    """Store the notices of one step, and of first steps of other cases that go `before` it.

    The actor is not told of their own deed.
    """
    seen, letters = [], []
    for case, one in [*((first.hazard, first) for first in before), (hazard, step)]:
        if one.by_id:
            # What one reviewer has done, the others of the grid need not do.
            done = _reviewer_keys(case) if one.by_role == REVIEWER else ()
            seen += [(key, case.get_absolute_url()) for key in {one.by_id, *done}]
        letters += _letters_of(case, one)
    notices.send_all([letter for letter in letters if letter], seen=seen)


def _letters_of(hazard, step):
    """The letters of one step, some of them None; the group chats hear of a new case at once."""
    if step.verb == "submit":
        whom: tuple[str, ...] = (TO_REVIEWERS,)
        announce_in_chat(hazard, _("新上报"), f"hazard:{hazard.pk}:{step.pk}")
    else:
        whom = TRANSITIONS[step.verb].notifies
    reported = _reported(hazard, step.verb, whom)
    return [*_to_reporters(reported, hazard, step), *_to_staff(reported, hazard, step, whom)]


def _reported(hazard, verb, whom):
    """The case and those that follow it, as far as their reporters are told; one question.

    Asked under the lock, and not brought along: who has just begun to follow is told, too. Each
    has `.wants_sms`, and where the case is opened again `.was_dispatched`.
    """
    if not {TO_REPORTER, TO_FOLLOWERS} & set(whom):
        return []
    question = _told(Hazard, TO_REPORTER in whom, TO_FOLLOWERS in whom, verb == "reopen")
    row = Hazard.objects.filter(pk=hazard.pk).order_by().values_list(question, flat=True)
    return TOLD.rows(row.get())


@worded("id")
def _told(_model, own, followers, asks_dispatch):
    told = Q(pk=OuterRef("id")) if own else Q()
    told |= Q(main=OuterRef("id")) if followers else Q()
    dispatched = Step.objects.filter(hazard=OuterRef(OuterRef("id")), verb="dispatch")
    rows = Hazard.objects.filter(told).annotate(
        wants_sms=F("reporter__worker__wants_sms"),
        was_dispatched=Exists(dispatched) if asks_dispatch else Value(False),
    )
    return TOLD.of(rows.order_by("pk"))


def _to_reporters(reported, hazard, step):
    """The letters to whoever reported the case and the cases that follow it."""
    for own in reported:
        # What followed by itself is news to everybody, whoever set it off.
        if step.by_role == SYSTEM or step.by_id is None or step.by_id != own.reporter_id:
            key = f"hazard:{own.pk}:{step.pk}"
            context = {"hazard": hazard, "own": own, "step": step}
            yield _to_reporter(own, f"hazards.{step.verb}", key, context)


def _to_staff(reported, hazard, step, whom):
    """The letters to those who have the case in hand."""
    centre = centre_officer_keys(hazard.subdistrict_id)
    if _comes_back_to_centre(reported, hazard, step):
        yield _to_colleagues(centre, hazard, step)
    if TO_REVIEWERS in whom:
        people = _reviewer_keys(hazard)
        if step.verb == "fix" and all(key == hazard.reporter_id for key in people):
            # Nobody checks the repair of their own report.
            people = community_staff_keys(hazard.community_id)
        yield _to_colleagues(people, hazard, step)
    if step.verb == "merge" and step.by_role == REPORTER:
        yield _to_colleagues(_reviewer_keys(hazard.main), hazard.main, step)
    if TO_CENTRE in whom or (TO_CENTRE_BY_UNIT in whom and step.by_role == UNIT):
        yield _to_colleagues(centre, hazard, step)


def _comes_back_to_centre(reported, hazard, step):
    """Whether a repair that the centre had arranged did not hold."""
    if step.verb == "redo":
        return hazard.state == State.DISPATCHED
    return step.verb == "reopen" and any(own.was_dispatched for own in reported)


def close_news(hazard):
    """What its reviewers were told of this case leads nowhere any more, and is no news."""
    notices.close(reviewers_of(hazard), hazard.get_absolute_url())


def remind_of_question(hazard):
    """The reporter has not answered for a day: asked once more, and never again."""
    step = hazard.steps.filter(verb="ask_info").last()
    context = {"hazard": hazard, "own": hazard, "question": step.note}
    key = f"hazard:{hazard.pk}:question:{step.pk}"
    [own] = _reported(hazard, step.verb, (TO_REPORTER,))
    letter = _to_reporter(own, "hazards.question", key, context)
    notices.send_all([letter] if letter else [])


def ask_to_decide(hazard):
    """A week without an answer: the reviewers decide with what there is."""
    step = hazard.steps.filter(verb="ask_info").last()
    notices.send(
        reviewers_of(hazard),
        "hazards.staff_question",
        key=f"hazard:{hazard.pk}:decide:{step.pk}",
        context={"hazard": hazard},
        url=hazard.get_absolute_url(),
        supersedes=True,
    )


def notify_suspension_over(hazard):
    """The day has come until which nothing could be done: the centre takes it up again."""
    notices.send(
        centre_officers(hazard.subdistrict),
        "hazards.staff_suspension",
        key=f"hazard:{hazard.pk}:suspension:{hazard.suspended_until:%Y%m%d}",
        context={"hazard": hazard},
        url=hazard.get_absolute_url(),
        supersedes=True,
    )


def notify_still_there(hazard, people):
    """Several passers-by say that a closed case is not: the reviewers look again, told once."""
    notices.send(
        reviewers_of(hazard),
        "hazards.staff_still_there",
        key=f"hazard:{hazard.pk}:still:{hazard.reopened}",
        context={"hazard": hazard, "people": people},
        url=hazard.get_absolute_url(),
        supersedes=True,
    )


def announce_in_chat(hazard, what, key, chats=None):
    """Tell the group chats of the place, if there are any: kind, grid, number and a link.

    Nothing that the reporter wrote goes out: a group is read on phones nobody here controls.
    """
    place = str(hazard.grid) if hazard.grid_id else str(hazard.community)
    line = f"{what}：{hazard.category} · {place} · {hazard.get_urgency_display()}"
    link = f"{settings.SITE_URL}{hazard.get_absolute_url()}"
    text = f"{line}\n{hazard.number}\n{link}"
    chats = robots.of_place(hazard.grid, hazard.community) if chats is None else chats
    robots.announce_to(chats, key=key, text=text)


def _to_reporter(own, kind, key, context):
    """The letter to the reporter of `own` about the same case or the one it follows, or None."""
    short = SHORT, {"number": own.number, "state": context["hazard"].get_state_display()}
    letter = {"kind": kind, "key": key, "context": context, "short": short}
    if own.reporter_id:
        url = own.get_absolute_url()
        by_sms = bool(own.wants_sms)
        return Letter([own.reporter], url=url, sms=by_sms, supersedes=True, **letter)
    if mobile_digits(own.contact_phone):  # a landline gets no SMS
        return Letter([], url=own.get_receipt_url(), guest_phone=own.contact_phone, **letter)
    return None


def _to_colleagues(keys, case, step):
    return Letter(
        [key for key in keys if key not in (step.by_id, case.reporter_id)],
        f"hazards.staff_{step.verb}",
        f"hazard:{case.pk}:{step.pk}",
        context={"hazard": case, "step": step},
        url=case.get_absolute_url(),
        supersedes=True,
    )
