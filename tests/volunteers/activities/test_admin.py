"""Staff run activities in the admin; states move through the workflow, sessions drop nobody."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import media
from tests.factories.volunteers import ActivityFactory, riders, session
from tests.volunteers.activities.admin_help import LIST, at, change, do, fields_of, on
from volunteers.activities import activities, activity_sessions, signups
from volunteers.activities.admin_forms import ActivityForm
from volunteers.activities.models.activities import Activity, ActivityBanner
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice


@pytest.fixture
def activity(town):
    return ActivityFactory(
        community=town.community, organiser=town.staff, title="大集疏导", place="大集东口"
    )


S = SignUp.State


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
