"""The verbs of activities in the admin, and whose they are."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.volunteers import ActivityFactory, SkillFactory, held, riders, session
from tests.volunteers.activities.admin_help import LIST, at, change, do, fields_of, on
from volunteers.activities import activities, activity_sessions, pledges, reminders, signups
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.signups import SignUp
from volunteers.record import attendance
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills.models import Course
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


@pytest.fixture
def activity(town):
    return ActivityFactory(
        community=town.community, organiser=town.staff, title="大集疏导", place="大集东口"
    )


HOUR = timedelta(hours=1)


def test_the_buttons_are_those_the_state_allows(town, visit, activity):
    session(activity)
    offered = {
        "draft": {"publish", "copy", "repeat-weekly", "cancel"},
        "published": {"close", "finish", "copy", "repeat-weekly", "cancel"},
        "closed": {"reopen", "finish", "copy", "repeat-weekly", "cancel"},
        "finished": {"copy"},
    }
    for state, verbs in offered.items():
        Activity.objects.filter(pk=activity.pk).update(state=state)
        page = visit(town.staff).get(on(activity)).content.decode()
        assert set(re.findall(r"/do/([\w-]+)/", page)) == verbs, state


def test_publish_close_reopen_and_cancel_with_a_reason(town, visit):
    draft = ActivityFactory(community=town.community, organiser=town.staff, state="draft")
    client = visit(town.staff)
    answer = do(client, draft, "publish")
    assert answer.status_code == 400
    assert "先加一个还没开始的场次" in answer.content.decode()
    workflow_place = session(draft)
    for verb, state in (("publish", "published"), ("close", "closed"), ("reopen", "published")):
        assert do(client, draft, verb).status_code == 302
        draft.refresh_from_db()
        assert draft.state == state
    signups.sign_up(workflow_place, by=town.rider)
    assert "现在有 1 人" in client.get(f"{LIST}{draft.pk}/do/cancel/").content.decode()
    assert do(client, draft, "cancel", reason=" ").status_code == 400
    assert do(client, draft, "cancel", reason="下暴雪").status_code == 302
    assert "下暴雪" in Notice.objects.get(kind="volunteers.cancelled").body
    # Twice: somebody else was faster.
    answer = do(client, draft, "cancel", reason="再来一次")
    assert "已被他人处理" in answer.content.decode()
    assert do(client, draft, "explode").status_code == 404


def test_nothing_is_announced_as_open_that_nobody_can_join(town, visit):
    ago = timezone.now() - timedelta(hours=1)
    made = ActivityFactory(
        community=town.community, organiser=town.staff, state="draft", closes_at=ago
    )
    session(made)
    client = visit(town.staff)
    for verb, state in (("publish", "draft"), ("reopen", "closed")):
        Activity.objects.filter(pk=made.pk).update(state=state)
        answer = do(client, made, verb)
        assert answer.status_code == 400
        assert "谁都报不上" in answer.content.decode()
        made.refresh_from_db()
        assert made.state == state
    assert "谁都报不上" in do(client, made, "repeat-weekly", weeks=2).content.decode()
    assert made.sessions.count() == 1
    Activity.objects.filter(pk=made.pk).update(closes_at=timezone.now() + timedelta(days=90))
    assert do(client, made, "repeat-weekly", weeks=2).status_code == 302
    assert do(client, made, "reopen").status_code == 302


def test_copy_and_repeat(town, visit, activity):
    place, client = session(activity), visit(town.staff)
    answer = do(client, activity, "copy", days=14)
    new = Activity.objects.exclude(pk=activity.pk).get()
    assert answer.url == on(new)
    assert new.sessions.get().starts_at - place.starts_at == timedelta(days=14)
    assert do(client, activity, "repeat-weekly", weeks=3).status_code == 302
    assert activity.sessions.count() == 4
    for weeks in ("0", "13", "x", ""):
        assert do(client, activity, "repeat-weekly", weeks=weeks).status_code == 400


# --- whose ----------------------------------------------------------------------------------


@pytest.fixture
def talk(town):
    """A confidential one, with somebody in it."""
    talk = ActivityFactory(
        community=town.community, organiser=town.admin, title="心理咨询", is_confidential=True
    )
    signups.sign_up(session(talk), by=town.rider)
    return talk


def test_other_communities_and_confidential_ones_are_out_of_reach(town, visit, activity, talk):
    place = session(activity)
    for user, found in ((town.other_staff, activity), (town.staff, talk)):
        client = visit(user)
        assert str(found) not in client.get(LIST).content.decode()
        assert client.get(on(found)).status_code == 302  # Django's way to say that it is not there
        assert do(client, found, "close").status_code == 404
        found.refresh_from_db()
        assert found.state == Activity.State.PUBLISHED
    assert visit(town.other_staff).get(at(place)).status_code == 302
    assert visit(town.rider).get(LIST).status_code == 302
    assert visit(None).post(f"{LIST}{activity.pk}/do/close/").status_code == 302


def test_who_comes_is_shown_and_looking_is_logged_but_never_of_what_is_confidential(
    town, visit, activity
):
    place = session(activity)
    signups.sign_up(place, by=town.rider)
    page = visit(town.staff).get(at(place)).content.decode()
    assert str(town.rider) in page
    assert AuditEvent.objects.filter(kind="volunteers.viewed").count() == 1
    Activity.objects.filter(pk=activity.pk).update(is_confidential=True)
    assert str(town.rider) in visit(town.staff).get(at(place)).content.decode()
    # The administrator may mend the session, and still learns nobody's name.
    page = visit(town.admin).get(at(place))
    assert page.status_code == 200
    assert str(town.rider) not in page.content.decode()


def test_the_organiser_sees_who_promised_what(town, visit, activity, talk):
    goods = {"pledge_item": "树苗", "pledge_target": 20}
    for one in (activity, talk):
        Activity.objects.filter(pk=one.pk).update(**goods)
        pledges.pledge(one, by=town.rider, quantity=7)
    name = town.rider.display_name
    assert name in visit(town.staff).get(on(activity)).content.decode()
    assert name in visit(talk.organiser).get(on(talk)).content.decode()
    Activity.objects.filter(pk=talk.pk).update(organiser=town.staff)
    assert name not in visit(town.admin).get(on(talk)).content.decode()
    assert change(visit(town.staff), on(activity), text="多带几把铲子").status_code == 302


def test_what_people_signed_up_for_in_confidence_stays_confidential(town, visit, talk):
    client = visit(talk.organiser)
    fields = fields_of(client.get(on(talk)))
    fields.pop("is_confidential")
    answer = client.post(on(talk), fields)
    assert "有人是看着「保密」报的名" in answer.content.decode()
    talk.refresh_from_db()
    assert talk.is_confidential
    SignUp.objects.all().delete()
    assert client.post(on(talk), fields).status_code == 302
    talk.refresh_from_db()
    assert not talk.is_confidential


def test_notices_of_what_is_confidential_name_it_nowhere(town, visit, talk):
    [place] = talk.sessions.all()
    signup = signups.sign_up(place, by=riders(1)[0])
    signups.leave(signup, by=signup.user)
    times = {"starts_at": place.starts_at + HOUR, "ends_at": place.ends_at + HOUR}
    activity_sessions.edit(place, by=town.admin, minimum=1, maximum=2, **times)
    reminders.remind(place.starts_at)
    talk.place = "楼上"
    activities.edit(talk, by=town.admin, fields=["place"], place_before="楼下")
    activities.cancel(talk, by=town.admin, reason="改期")
    told = {one.kind: one for one in Notice.objects.filter(recipient=town.rider)}
    assert {f"volunteers.{name}" for name in ("confirmed", "moved", "reminder", "place")} < {*told}
    assert "volunteers.cancelled" in told
    for notice in told.values():
        assert "心理" not in f"{notice.title}{notice.body}"
        assert notice.url == "/volunteers/mine/"
    assert "心理" not in visit(town.admin).get("/admin/yuanhang/notice/").content.decode()


def test_a_confidential_activity_has_no_course_and_its_training_no_name(town, visit, talk):
    course = Course.objects.create(title="哀伤辅导", parts=1)
    Activity.objects.filter(pk=talk.pk).update(kind="training")
    answer = change(visit(talk.organiser), on(talk), course=course.pk, is_confidential="on")
    assert "保密的活动不选课程" in answer.content.decode()
    talk.refresh_from_db()
    attendance.settle_session(held(talk, [town.rider]), by=talk.organiser)
    assert TrainingRecord.objects.get().title == "培训"


def test_staff_choose_among_their_own_places(town, visit, activity):
    SkillFactory(name="急救")
    client = visit(town.staff)
    page = client.get(on(activity)).content.decode()
    assert "远航社区" in page
    assert "景山" not in page
    answer = change(client, on(activity), community=town.other.pk)
    assert answer.status_code == 200
    activity.refresh_from_db()
    assert activity.community == town.community
