"""Who is told what when a case moves. Notices are stored with the move, or not at all."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hazards.cases.states import State
from hazards.cases.transitions import (
    REPORTER,
    REVIEWER,
    SYSTEM,
    TO_CENTRE,
    TO_FOLLOWERS,
    TO_REPORTER,
    TO_REVIEWERS,
    TRANSITIONS,
)
from stations.postings.access import centre_officers, community_staff, workers_of
from stations.robots import robots
from workers.access import worker_of
from yuanhang.core.outbox import notices, sms
from yuanhang.core.phones import mobile_digits

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


def reviewers_of(hazard):
    """The workers of the case's grid; where there are none, the community's staff."""
    holders = workers_of(hazard.grid) if hazard.grid_id else []
    return holders or list(community_staff(hazard.community))


def submission_notices(hazard, step):
    """The notices of a new case that is not stored yet: of this page nobody was ever told."""
    return notices.written(
        _others(reviewers_of(hazard), hazard, step),
        "hazards.staff_submit",
        key=f"hazard:{hazard.pk}:{step.pk}",
        context={"hazard": hazard, "step": step},
        url=hazard.get_absolute_url(),
    )


def announce_submission(hazard, step, chats):
    """Tell these group robots of a new case."""
    announce_in_chat(hazard, _("新上报"), f"hazard:{hazard.pk}:{step.pk}", chats)


def notify_step(hazard, step):
    """Store the notices of one step. The actor is not told of their own deed."""
    if step.by_id:
        # What one reviewer has done, the others of the grid need not do.
        done = reviewers_of(hazard) if step.by_role == REVIEWER else []
        notices.mark_seen([step.by, *done], hazard.get_absolute_url())
    if step.verb == "submit":
        whom: tuple[str, ...] = (TO_REVIEWERS,)
        announce_in_chat(hazard, _("新上报"), f"hazard:{hazard.pk}:{step.pk}")
    else:
        whom = TRANSITIONS[step.verb].notifies
    if TO_REPORTER in whom:
        _notify_reporter(hazard, hazard, step)
    if TO_FOLLOWERS in whom:
        for follower in hazard.merged.select_related("reporter", "category"):
            _notify_reporter(follower, hazard, step)
    if _comes_back_to_centre(hazard, step):
        _notify_staff(centre_officers(hazard.subdistrict), hazard, step)
    if TO_REVIEWERS in whom:
        people = reviewers_of(hazard)
        if step.verb == "fix" and all(person.pk == hazard.reporter_id for person in people):
            # Nobody checks the repair of their own report.
            people = community_staff(hazard.community)
        _notify_staff(people, hazard, step)
    if step.verb == "merge" and step.by_role == REPORTER:
        _notify_staff(reviewers_of(hazard.main), hazard.main, step)
    if TO_CENTRE in whom:
        _notify_staff(centre_officers(hazard.subdistrict), hazard, step)


def _comes_back_to_centre(hazard, step):
    """Whether a repair that the centre had arranged did not hold."""
    if step.verb == "redo":
        return hazard.state == State.DISPATCHED
    return step.verb == "reopen" and hazard.steps.filter(verb="dispatch").exists()


def close_news(hazard):
    """What its reviewers were told of this case leads nowhere any more, and is no news."""
    notices.close(reviewers_of(hazard), hazard.get_absolute_url())


def remind_of_question(hazard):
    """The reporter has not answered for a day: asked once more, and never again."""
    step = hazard.steps.filter(verb="ask_info").last()
    _send_to_reporter(
        hazard,
        "hazards.question",
        f"hazard:{hazard.pk}:question:{step.pk}",
        {
            "hazard": hazard,
            "own": hazard,
            "question": step.note,
        },
    )


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


def _notify_reporter(own, case, step):
    """Tell the reporter of `own` about a step of `case`: the same one, or the one it follows."""
    context = {"hazard": case, "own": own, "step": step}
    kind, key = f"hazards.{step.verb}", f"hazard:{own.pk}:{step.pk}"
    # What followed by itself is news to everybody, whoever set it off.
    if step.by_role == SYSTEM or step.by_id is None or step.by_id != own.reporter_id:
        _send_to_reporter(own, kind, key, context)


def _send_to_reporter(own, kind, key, context):
    news = {"number": own.number, "state": context["hazard"].get_state_display()}
    short = SHORT, news
    if own.reporter_id:
        notices.send(
            [own.reporter],
            kind,
            key=key,
            context=context,
            url=own.get_absolute_url(),
            sms=_wants_sms,
            short=short,
            supersedes=True,
        )
    elif mobile_digits(own.contact_phone):  # a landline gets no SMS
        notices.send(
            [],
            kind,
            key=key,
            context=context,
            url=own.get_receipt_url(),
            short=short,
            guest_phone=own.contact_phone,
        )


def _notify_staff(people, case, step):
    notices.send(
        _others(people, case, step),
        f"hazards.staff_{step.verb}",
        key=f"hazard:{case.pk}:{step.pk}",
        context={"hazard": case, "step": step},
        url=case.get_absolute_url(),
        supersedes=True,
    )


def _others(people, case, step):
    """Those of the people who neither did it nor reported it."""
    return [one for one in people if one.is_active and one.pk not in (step.by_id, case.reporter_id)]


def _wants_sms(user):
    worker = worker_of(user)
    return bool(worker and worker.wants_sms)
