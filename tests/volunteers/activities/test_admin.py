"""Staff run activities in the admin; states move through the workflow, sessions drop nobody."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import media
from tests.factories.volunteers import ActivityFactory, SkillFactory, held, riders, session
from volunteers.activities import activities, activity_sessions, pledges, reminders, signups
from volunteers.activities.admin_forms import ActivityForm
from volunteers.activities.models.activities import Activity, ActivityBanner
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.record import attendance
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills.models import Course
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

S = SignUp.State
HOUR = timedelta(hours=1)
LIST = "/admin/volunteers/activity/"


@pytest.fixture
def activity(town):
    return ActivityFactory(
        community=town.community, organiser=town.staff, title="大集疏导", place="大集东口"
    )


def fields_of(page):
    """What the change form would send unchanged: every input, select and textarea."""
    body = page.content.decode()
    form = body.split('id="content-main"')[1]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        if not name or (kind and kind[1] in ("file", "submit")):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        if kind and kind[1] == "checkbox" and "checked" not in tag:
            continue
        found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.findall(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[0] if chosen else ""
        if not found[name]:
            del found[name]
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = text.strip("\r\n")
    return found


def change(client, url, **fields):
    """Open a change form, fill some fields in, save."""
    return client.post(url, fields_of(client.get(url)) | fields)


def on(activity):
    return f"{LIST}{activity.pk}/change/"


def at(session):
    return f"/admin/volunteers/activitysession/{session.pk}/change/"


# --- making and changing --------------------------------------------------------------------


def in_days(days):
    moment = timezone.localtime() + timedelta(days=days)
    return {"_0": f"{moment:%Y-%m-%d}", "_1": f"{moment:%H:%M:%S}"}


def test_staff_make_an_activity_with_its_first_session(town, visit):
    client = visit(town.staff)
    fields = fields_of(client.get(f"{LIST}add/"))
    fields |= {"kind": "volunteering", "title": "扫雪", "place": "公交站"}
    fields |= {"community": town.community.pk, "sessions-0-minimum": 1, "sessions-0-maximum": 5}
    fields |= {f"sessions-0-starts_at{part}": text for part, text in in_days(3).items()}
    fields |= {f"sessions-0-ends_at{part}": text for part, text in in_days(3.1).items()}
    fields["banner"] = SimpleUploadedFile("a.jpg", media.jpeg(640, 480), "image/jpeg")
    answer = client.post(f"{LIST}add/", fields)
    assert answer.status_code == 302, answer.context["errors"]
    made = Activity.objects.get()
    assert (made.organiser, made.state) == (town.staff, Activity.State.DRAFT)
    assert made.sessions.get().ceiling == 5
    picture = client.get(f"{made.get_absolute_url()}banner/full.jpg")
    assert picture.getvalue().startswith(b"\xff\xd8")
    kinds = set(AuditEvent.objects.values_list("kind", flat=True))
    assert {
        "volunteers.create_activity",
        "volunteers.create_activitysession",
        "volunteers.banner",
    } <= kinds
    # A second session is a row on the same page; the first one stays as it is.
    answer = change(
        client,
        on(made),
        **{f"sessions-2-0-starts_at{part}": text for part, text in in_days(10).items()},
        **{f"sessions-2-0-ends_at{part}": text for part, text in in_days(10.1).items()},
        **{"sessions-2-0-minimum": 1, "sessions-2-0-maximum": 8},
    )
    assert answer.status_code == 302, answer.context["errors"]
    assert list(made.sessions.values_list("maximum", flat=True)) == [5, 8]


def test_half_a_point_is_refused_in_words(town, visit, activity):
    answer = change(visit(town.staff), on(activity), latitude="46.5")
    assert "纬度和经度要一起填" in answer.content.decode()
    assert "activity_point" not in answer.content.decode()


def test_a_session_that_ends_before_it_starts_is_refused(town, visit, activity):
    answer = change(
        visit(town.staff),
        on(activity),
        **{f"sessions-2-0-starts_at{part}": text for part, text in in_days(10).items()},
        **{f"sessions-2-0-ends_at{part}": text for part, text in in_days(9).items()},
        **{"sessions-2-0-minimum": 1, "sessions-2-0-maximum": 8},
    )
    assert answer.status_code == 200
    assert "结束要晚于开始" in answer.content.decode()
    assert not ActivitySession.objects.exists()


def test_a_picture_that_is_none_is_refused_and_one_is_taken_away(
    town, visit, activity, stored_files, django_capture_on_commit_callbacks
):
    client = visit(town.staff)
    answer = change(client, on(activity), banner=SimpleUploadedFile("a.jpg", b"no picture"))
    assert "不是照片" in answer.content.decode()
    assert not stored_files()
    for size in (640, 320):
        picture = SimpleUploadedFile("a.jpg", media.jpeg(size, 240), "image/jpeg")
        with django_capture_on_commit_callbacks(execute=True):
            assert change(client, on(activity), banner=picture).status_code == 302
    assert ActivityBanner.objects.get().width == 320
    assert len(stored_files()) == 2  # the first one's are gone
    with django_capture_on_commit_callbacks(execute=True):
        assert change(client, on(activity), **{"banner-clear": "on"}).status_code == 302
    assert not ActivityBanner.objects.exists()
    assert not stored_files()


def test_an_edit_keeps_the_state_and_tells_of_a_new_place(town, visit, activity, monkeypatch):
    signups.sign_up(session(activity), by=town.rider)
    client, real = visit(town.staff), ActivityForm.clean

    def meanwhile(form):
        activities.close(activity, by=town.staff)  # after the form read its row
        return real(form)

    with monkeypatch.context() as patch:
        patch.setattr(ActivityForm, "clean", meanwhile)
        assert change(client, on(activity), place="温暖站门口").status_code == 302
    activity.refresh_from_db()
    assert (activity.state, activity.place) == (Activity.State.CLOSED, "温暖站门口")
    notice = Notice.objects.get(kind="volunteers.place")
    assert notice.recipient == town.rider
    assert "温暖站门口" in notice.body
    change(client, on(activity), text="说明")
    assert Notice.objects.filter(kind="volunteers.place").count() == 1


# --- sessions -------------------------------------------------------------------------------


def test_a_lower_maximum_says_first_what_will_happen(town, visit, activity):
    place = session(activity, maximum=3)
    for rider in riders(3):
        signups.sign_up(place, by=rider)
    client = visit(town.staff)
    answer = change(client, at(place), maximum=1)
    assert answer.status_code == 200
    assert "降到 1 不会请走任何人" in answer.content.decode()
    place.refresh_from_db()
    assert place.maximum == 3
    answer = change(client, at(place), maximum=1, understood="on")
    assert answer.status_code == 302
    place.refresh_from_db()
    assert (place.maximum, place.taken, place.ceiling) == (1, 3, 3)
    assert "要等 2 个人自己退出" in client.get("/admin/").content.decode()


def test_a_new_time_goes_through_the_workflow_and_is_told(town, visit, activity):
    place = session(activity, maximum=1)
    for rider in riders(2):
        signups.sign_up(place, by=rider)
    times = {f"starts_at{part}": text for part, text in in_days(5).items()}
    times |= {f"ends_at{part}": text for part, text in in_days(5.1).items()}
    assert change(visit(town.staff), at(place), maximum=2, **times).status_code == 302
    assert Notice.objects.filter(kind="volunteers.moved").count() == 2
    states = [str(state) for state in place.signups.values_list("state", flat=True)]
    assert states == ["confirmed", "offered"]


def test_a_session_that_is_over_is_not_changed(town, visit, activity):
    place = session(activity, hours=-3)
    answer = change(visit(town.staff), at(place), maximum=9)
    assert "已经结束，不能再改" in answer.content.decode()
    place.refresh_from_db()
    assert place.maximum == 2


def test_a_wrong_year_does_not_make_a_session_one_that_was_held(town, visit, activity):
    place = session(activity)
    signups.sign_up(place, by=town.rider)
    times = {f"starts_at{part}": text for part, text in in_days(-360).items()}
    times |= {f"ends_at{part}": text for part, text in in_days(-359.9).items()}
    answer = change(visit(town.staff), at(place), **times)
    assert "已经过去了，看看日期写对没有" in answer.content.decode()
    with pytest.raises(NotAllowedNowError, match="已经过去了"):
        activity_sessions.edit(
            place,
            by=town.staff,
            starts_at=place.starts_at - timedelta(days=360),
            ends_at=place.ends_at - timedelta(days=360),
            minimum=1,
            maximum=2,
        )
    assert not Notice.objects.filter(kind="volunteers.moved").exists()
    place.refresh_from_db()
    assert not place.has_started


def test_one_that_runs_may_end_earlier(town, visit, activity):
    place = session(activity, hours=-1, minutes=300)
    ends = {f"ends_at{part}": text for part, text in in_days(0.1).items()}
    assert change(visit(town.staff), at(place), **ends).status_code == 302
    before, place = place, ActivitySession.objects.get(pk=place.pk)
    assert place.ends_at < before.ends_at


def test_a_copy_of_what_is_long_over_gets_its_new_dates_or_is_thrown_away(town, visit, activity):
    session(activity, hours=-24 * 30)
    client = visit(town.staff)
    do(client, activity, "copy", days=7)
    new = Activity.objects.exclude(pk=activity.pk).get()
    place = new.sessions.get()
    times = {f"starts_at{part}": text for part, text in in_days(5).items()}
    times |= {f"ends_at{part}": text for part, text in in_days(5.1).items()}
    assert change(client, at(place), **times).status_code == 302
    assert do(client, new, "publish").status_code == 302
    do(client, activity, "copy", days=7)
    unwanted = Activity.objects.order_by("pk").last()
    assert do(client, unwanted, "cancel", reason="不办了").status_code == 302


def test_only_a_session_that_nobody_wanted_is_deleted(town, visit, activity):
    used, unused = session(activity), session(activity, hours=80)
    signups.leave(signups.sign_up(used, by=town.rider), by=town.rider)
    client = visit(town.staff)
    delete = "/admin/volunteers/activitysession/{}/delete/"
    assert client.post(delete.format(used.pk), {"post": "yes"}).status_code == 403
    assert client.post(delete.format(unused.pk), {"post": "yes"}).status_code == 302
    assert list(activity.sessions.all()) == [used]


# --- verbs ----------------------------------------------------------------------------------


def do(client, activity, verb, **fields):
    return client.post(f"{LIST}{activity.pk}/do/{verb}/", fields)


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
