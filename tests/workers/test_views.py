"""Pages about oneself: the welcome, one's own facts and consents, the privacy notice."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories.stations import GridFactory, square
from tests.factories.workers import UserFactory, post
from workers import workers
from workers.models import Consent, Platform, PrivacyNotice, Worker
from yuanhang.core.models import AuditEvent, User

ME, WITHDRAW, PRIVACY = "/workers/me/", "/workers/me/withdraw/", "/workers/privacy/"
EVERYTHING = {
    "free_times": ["weekend_morning"],
    "skills": "急救、电工",
    "party": "member",
    "help_times": ["noon"],
    "consents": [purpose for purpose in Consent.Purpose if purpose != Consent.Purpose.BASIC],
}


@pytest.fixture
def worker(town):
    """A rider who told everything."""
    return workers.register(
        user=UserFactory(),
        community=town.community,
        station=town.station,
        job=Worker.Job.RIDER,
        usual_grids=[town.six],
        **EVERYTHING,
    )


def answers(**changes):
    """What the form sends when nothing was changed, and the changes."""
    fields = {
        "display_name": "骑手乙（演示）",
        "job": "rider",
        "free_times": ["weekend_morning"],
        "skills": "急救、电工",
        "party": "member",
        "consent_free_times": "on",
        "consent_skills": "on",
        "consent_party": "on",
        "help_times": ["noon"],
        "consent_help_times": "on",
    }
    fields |= changes
    return {name: value for name, value in fields.items() if value is not None}


def shown(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def publish(version, when=None, text="新说明"):
    return PrivacyNotice.objects.create(
        version=version, text=text, published_at=when or timezone.now()
    )


@pytest.mark.parametrize("path", [ME, "/workers/welcome/"])
def test_strangers_are_asked_to_log_in(client, db, path):
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


def test_who_is_logged_out_withdraws_from_the_page_after_logging_in(client, db):
    response = client.post(WITHDRAW, headers={"Referer": f"http://testserver{ME}"})
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={ME}")


def test_the_welcome_says_where_one_belongs(worker, visit, town):
    assert "庆小驿温暖站 · 远航社区" in shown(visit(worker.user).get("/workers/welcome/"))
    assert visit(town.staff).get("/workers/welcome/").status_code == 200


# --- one's own facts ------------------------------------------------------------------------


def test_a_worker_sees_everything_that_is_stored(worker, visit):
    response = visit(worker.user).get(ME)
    page = shown(response)
    phone = worker.user.phone
    assert f"{phone[:3]}****{phone[-4:]}" in page
    assert phone not in response.content.decode()
    assert "远航社区 · 庆小驿温暖站" in page
    assert "等社区确认，不影响使用" in page
    form = response.context["form"]
    names = ("job", "free_times", "skills", "party", "help_times")
    stored = {name: form[name].value() for name in names}
    assert stored == {
        "job": "rider",
        "free_times": ["weekend_morning"],
        "skills": "急救、电工",
        "party": "member",
        "help_times": ["noon"],
    }
    ticked = {name for name in form.fields if name.startswith("consent_") and form[name].value()}
    assert ticked == {
        "consent_free_times",
        "consent_skills",
        "consent_party",
        "consent_help_times",
    }
    listed = {consent.purpose for consent in response.context["consents"]}
    assert listed == set(Consent.Purpose)


def test_after_the_confirmation_it_says_so(worker, visit, town):
    workers.confirm(worker, by=town.staff)
    assert "已确认" in shown(visit(worker.user).get(ME))


def test_saving_what_is_shown_changes_nothing(worker, visit):
    client = visit(worker.user)
    form = client.get(ME).context["form"]
    sent = {}
    for name in form.fields:
        value = form[name].value()
        if name == "usual_grids":
            value = list(value)
        if value not in (None, False):
            sent[name] = value
    before = Worker.objects.filter(pk=worker.pk).values().get()
    assert client.post(ME, sent)["Location"] == ME
    after = Worker.objects.filter(pk=worker.pk).values().get()
    assert before | {"updated_at": None} == after | {"updated_at": None}
    assert worker.consents.in_force().count() == 5
    assert worker.consents.count() == 5


def test_facts_are_corrected(worker, visit, town):
    client = visit(worker.user)
    platform = Platform.objects.get(name="滴滴")
    response = client.post(
        ME,
        answers(
            display_name="阿卜杜·热西提",
            job="driver",
            platform=platform.pk,
            usual_grids=[town.one.pk, town.far.pk],
            skills="",
            consent_skills=None,
        ),
        follow=True,
    )
    assert "改好了。" in shown(response)
    worker.refresh_from_db()
    assert (worker.job, worker.platform, worker.skills) == ("driver", platform, "")
    assert set(worker.usual_grids.all()) == {town.one, town.far}
    assert User.objects.get(pk=worker.user_id).display_name == "阿卜杜·热西提"
    assert "skills" not in set(worker.consents.in_force().values_list("purpose", flat=True))
    assert AuditEvent.objects.filter(kind="workers.correct").get().actor_id == worker.user_id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"consent_skills": None}, "skills"),
        ({"consent_party": None}, "party"),
        ({"consent_free_times": None}, "free_times"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "\u202e\u200b"}, "display_name"),
        ({"job": "\x00"}, "job"),
        ({"platform": "99999999999999999999"}, "platform"),
        ({"usual_grids": ["99999999999999999999"]}, "usual_grids"),
        ({"usual_grids": ["\x00"]}, "usual_grids"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_changes_nothing(worker, visit, changes, field):
    response = visit(worker.user).post(ME, answers(**changes))
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {field}
    assert "写好的都还在" in shown(response)
    worker.refresh_from_db()
    assert (worker.skills, worker.party, worker.job) == ("急救、电工", "member", "rider")
    assert worker.consents.in_force().count() == 5


def test_somebody_elses_facts_are_out_of_reach(worker, visit, town):
    """There is no address with another person's number: only one's own row is ever changed."""
    before = Worker.objects.filter(pk=worker.pk).values().get()
    visit(town.rider).post(ME, answers(display_name="骑手丙（演示）", worker=worker.pk, user=1))
    assert Worker.objects.filter(pk=worker.pk).values().get() == before
    assert User.objects.get(pk=town.rider.pk).display_name == "骑手丙（演示）"


def test_staff_without_a_registration_see_their_account_and_posts(town, visit):
    response = visit(town.grid_worker).get(ME)
    page = shown(response)
    assert "岗位 网格员 · 第六网格" in page
    assert "你还没有登记为骑手、快递员或司机。" in page
    assert "两步验证" in page
    assert response.context["form"] is None
    assert visit(town.grid_worker).post(ME, answers()).status_code == 200
    assert not Worker.objects.filter(user=town.grid_worker).exists()


def test_somebody_without_post_or_registration_is_told_where_to_go(town, visit):
    page = shown(visit(town.stranger).get(ME))
    assert "要登记，到驿站前台说一声。" in page
    assert "岗位" not in page
    assert "两步验证" not in page


def test_a_post_that_ended_is_not_shown(town, visit):
    past = timezone.localdate() - timedelta(days=1)
    town.grid_worker.postings.update(start=past, end=past)
    assert "岗位" not in shown(visit(town.grid_worker).get(ME))


@pytest.mark.parametrize("count", [1, 3, 40])
def test_ones_own_page_costs_the_same_however_much_there_is(
    worker, visit, town, django_assert_num_queries, count
):
    for n in range(count):
        GridFactory(community=town.other, number=n + 2, boundary=square(45.0, 120 + n / 100))
        post(worker.user, "grid_worker", town.six)
        Consent.objects.create(
            worker=worker,
            purpose=Consent.Purpose.PARTY,
            notice=PrivacyNotice.current(),
            withdrawn_at=timezone.now() + timedelta(hours=1),
        )
    client = visit(worker.user)
    # session, user, worker, its account, consents in force, posts, usual grids, platforms, grids,
    # consents, unread notices
    with django_assert_num_queries(11):
        client.get(ME)


# --- withdrawing ----------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["free_times", "skills", "party"])
def test_a_consent_is_withdrawn_by_one_press(worker, visit, purpose):
    client = visit(worker.user)
    page = client.get(ME).content.decode()
    assert f'<input type="hidden" name="purpose" value="{purpose}">' in page
    response = client.post(WITHDRAW, {"purpose": purpose}, follow=True)
    assert "撤回了，这一项已经删掉。" in shown(response)
    worker.refresh_from_db()
    assert not getattr(worker, purpose)
    page = response.content.decode()
    assert f'name="purpose" value="{purpose}"' not in page
    assert "已撤回" in page
    again = client.post(WITHDRAW, {"purpose": purpose}, follow=True)
    assert "这一项本来就没有同意过。" in shown(again)


@pytest.mark.parametrize("purpose", ["basic", "", "\x00", "nonsense"])
def test_leaving_altogether_is_pointed_to_the_desk(worker, visit, purpose):
    response = visit(worker.user).post(WITHDRAW, {"purpose": purpose}, follow=True)
    assert "要停用登记，请到驿站前台或打前台电话，当面就能办。" in shown(response)
    assert worker.consents.in_force().count() == 5


def test_the_page_offers_no_press_to_end_the_registration(worker, visit):
    assert 'name="purpose" value="basic"' not in visit(worker.user).get(ME).content.decode()


def test_who_has_no_registration_has_nothing_to_withdraw(town, visit):
    client = visit(town.stranger)
    assert client.post(WITHDRAW, {"purpose": "skills"}).status_code == 404
    assert client.get(WITHDRAW).status_code == 405


# --- the privacy notice ---------------------------------------------------------------------


def test_everybody_can_read_the_notice_in_force(client, db):
    response = client.get(PRIVACY)
    page = shown(response)
    assert "版本 2026-11" in page
    assert "不要身份证号、人脸、血型病史" in page
    assert "?version=" not in response.content.decode()


def test_an_older_version_stays_readable_under_its_name(client, db):
    publish("2026-12")
    newest, older = client.get(PRIVACY), client.get(f"{PRIVACY}?version=2026-11")
    assert newest.context["notice"].version == "2026-12"
    assert older.context["notice"].version == "2026-11"
    links = set(re.findall(r'href="\?version=([^"]+)"', newest.content.decode()))
    assert links == {"2026-11", "2026-12"}


def test_the_page_of_ones_own_links_to_the_version_that_was_accepted(worker, visit):
    publish("2026-12")
    client = visit(worker.user)
    assert f'href="{PRIVACY}?version=2026-11"' in client.get(ME).content.decode()


@pytest.mark.parametrize("version", ["planned", "draft", "unknown", "\x00", "x" * 5000, "%"])
def test_what_is_not_published_is_not_there(client, db, version):
    publish("planned", timezone.now() + timedelta(hours=1))
    PrivacyNotice.objects.create(version="draft", text="还没写完")
    assert client.get(PRIVACY, {"version": version}).status_code == 404
    assert client.get(PRIVACY).context["notice"].version == "2026-11"


def test_a_site_without_a_notice_has_no_page_for_it(client, db):
    PrivacyNotice.objects.update(published_at=None)
    assert client.get(PRIVACY).status_code == 404


def test_the_text_of_a_notice_is_never_markup(client, db):
    publish("2026-12", text="<script>1</script>")
    assert "<script>1" not in client.get(PRIVACY).content.decode()
