"""Registering through the form: what it asks, where one belongs, what is refused and how."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from stations.areas.models import Community
from tests.core.test_accounts import NEW_PHONE, SIGN_UP, says, sign_up
from tests.factories.stations import GridFactory, StationFactory, square
from workers.forms import SignupForm
from workers.models import Platform, PrivacyNotice, Worker
from yuanhang.core.models import User

# The station needs to know these and nothing else; the rest makes the account or says yes.
FACTS = {
    "display_name",
    "job",
    "platform",
    "usual_grids",
    "wants_sms",
    "wants_activity_notices",
    "wants_road_notices",
    "free_times",
    "skills",
    "party",
    "help_times",
}
CONSENTS = {
    "consent_free_times",
    "consent_skills",
    "consent_party",
    "consent_help_times",
    "accept_notice",
}
ACCOUNT = {"phone", "password1", "station"}
HUGE = "99999999999999999999"


@pytest.fixture
def sms(settings):
    """There is a way to send SMS, so the form offers it."""
    settings.SMS_GATEWAY = "yuanhang.core.outbox.sms.MemoryGateway"


def registered(phone=NEW_PHONE):
    return Worker.objects.get(user__phone=phone)


def errors(response):
    """The fields with an error, and the words; nobody was registered."""
    assert response.status_code == 200
    assert not User.objects.filter(phone=NEW_PHONE).exists()
    return {name: list(words) for name, words in response.context["form"].errors.items()}


def test_the_form_asks_what_the_law_allows_and_nothing_else(town, client, sms):
    assert set(SignupForm().fields) == FACTS | CONSENTS | ACCOUNT
    page = client.get(f"{SIGN_UP}?station=").content.decode()
    form = page[page.index('<form method="post"') : page.index("</form>")]
    names = set(re.findall(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"', form))
    assert names == FACTS | CONSENTS | ACCOUNT | {"csrfmiddlewaretoken"}


def test_no_consent_is_ticked_beforehand(town, client):
    page = client.get(f"{SIGN_UP}?station=").content.decode()
    assert "checked" not in page
    assert "selected" not in re.sub(r'<option value="" selected>', "", page)


@pytest.mark.parametrize("place", ["/accounts/signup/?station=", "/workers/me/"])
def test_messages_by_sms_are_offered_where_there_is_a_gateway(town, visit, settings, place):
    """Without one a tick would promise what never comes."""
    user = town.rider if "me" in place else None
    assert "短信" not in visit(user).get(place).content.decode()
    settings.SMS_GATEWAY = "yuanhang.core.outbox.sms.MemoryGateway"
    assert "处理结果也发短信给我" in visit(user).get(place).content.decode()


def test_what_was_ticked_is_kept_while_there_is_no_gateway(town, visit):
    Worker.objects.filter(user=town.rider).update(wants_sms=True)
    form = {"display_name": "改个名", "job": "courier"}
    assert visit(town.rider).post("/workers/me/", form).status_code == 302
    worker = Worker.objects.get(user=town.rider)
    assert (worker.job, worker.wants_sms) == ("courier", True)


def test_everything_told_with_its_consent_is_stored(town, client, sms):
    platform = Platform.objects.get(name="闪送")
    response = sign_up(
        client,
        job="courier",
        platform=platform.pk,
        usual_grids=[town.six.pk, town.far.pk],
        wants_sms="on",
        wants_activity_notices="on",
        free_times=["weekday_morning", "weekend_afternoon"],
        skills="急救、电工",
        party="willing",
        consent_free_times="on",
        consent_skills="on",
        consent_party="on",
        station=town.station.slug,
    )
    assert response.status_code == 302
    worker = registered()
    assert (worker.job, worker.platform, worker.station) == ("courier", platform, town.station)
    assert (worker.wants_sms, worker.wants_activity_notices) == (True, True)
    assert worker.free_times == ["weekday_morning", "weekend_afternoon"]
    assert (worker.skills, worker.party) == ("急救、电工", "willing")
    assert set(worker.usual_grids.all()) == {town.six, town.far}
    assert set(worker.consents.values_list("purpose", "notice__version")) == {
        (purpose, "2026-11") for purpose in ("basic", "free_times", "skills", "party")
    }
    assert town.staff.notices.get().kind == "workers.staff_registered"


def test_four_answers_are_enough(town, client):
    sign_up(client)
    worker = registered()
    assert (worker.platform, worker.free_times, worker.skills, worker.party) == (None, [], "", "")
    assert (worker.wants_sms, worker.wants_activity_notices) == (False, False)
    assert set(worker.consents.values_list("purpose", flat=True)) == {"basic"}


# --- where one belongs ----------------------------------------------------------------------


def test_one_belongs_to_the_station_whose_poster_was_scanned(town, client):
    StationFactory(community=town.other, slug="jingshan")
    page = client.get(f"{SIGN_UP}?station=jingshan").content.decode()
    hidden = re.search(r'<input type="hidden" name="station" value="([^"]*)">', page).group(1)
    sign_up(client, station=hidden)
    worker = registered()
    assert (worker.station.slug, worker.community) == ("jingshan", town.other)
    assert town.other_staff.notices.count() == 1
    assert not town.staff.notices.exists()


@pytest.mark.parametrize("slug", ["", "hidden", "unknown", "庆小驿", "a b", "\x00", "x" * 5000])
def test_without_a_known_station_one_belongs_to_the_home_community(town, client, slug):
    StationFactory(community=town.other, slug="hidden", is_listed=False)
    response = sign_up(client, station=slug)
    assert response.status_code == 302
    worker = registered()
    assert (worker.station, worker.community) == (None, town.community)


def test_a_station_in_the_address_is_never_markup(town, client):
    page = client.get(SIGN_UP, {"station": '"><script>1</script>'}).content.decode()
    assert "<script>1" not in page


@pytest.mark.parametrize("missing", ["notice", "community"])
def test_a_site_that_is_not_ready_says_so(db, client, missing, request):
    if missing == "notice":
        request.getfixturevalue("town")
        PrivacyNotice.objects.update(published_at=None)
    response = sign_up(client)
    assert errors(response) == {"__all__": ["驿站还没有准备好登记，请联系前台。"]}
    says(response, "驿站还没有准备好登记，请联系前台。")
    assert Community.objects.exists() is (missing == "notice")


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [("free_times", ["weekend_morning"]), ("skills", "急救"), ("party", "member")],
)
def test_a_value_without_its_consent_is_neither_taken_nor_dropped_silently(
    town, client, field, value
):
    others = {f"consent_{name}": "on" for name in ("free_times", "skills", "party")}
    del others[f"consent_{field}"]
    response = sign_up(client, **{field: value}, **others)
    words = "要填这一项，请勾上下面的同意；不想说就留空。"
    assert errors(response) == {field: [words]}
    says(response, words)


def test_a_consent_without_a_value_is_a_consent(town, client):
    sign_up(client, consent_skills="on")
    assert set(registered().consents.values_list("purpose", flat=True)) == {"basic", "skills"}


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("display_name", "写个称呼就行，不用全名。"),
        ("job", "选一下你是做什么的。"),
        ("accept_notice", "要满 14 周岁并同意个人信息说明，才能登记。"),
    ],
)
def test_what_is_needed_is_asked_for_in_plain_words(town, client, field, words):
    response = sign_up(client, **{field: ""})
    assert errors(response) == {field: [words]}
    says(response, words)


@pytest.mark.parametrize(
    ("letter", "kept"),
    [("\x00", ""), ("\x1b", ""), ("\u202e", ""), ("\u200b", ""), ("\uffff", "")]
    + [("\n", " "), ("\t", " "), ("\x85", " "), ("\u2028", " ")],
)
def test_a_name_keeps_nothing_that_nobody_sees(town, client, letter, kept):
    sign_up(client, display_name=f"骑手{letter}甲")
    assert registered().user.display_name == f"骑手{kept}甲"


@pytest.mark.parametrize("name", ["\u200b\ufeff", "\u3164", "\u202e", "\u2800"])
def test_a_name_that_nobody_sees_is_none(town, client, name):
    assert set(errors(sign_up(client, display_name=name))) == {"display_name"}


@pytest.mark.parametrize("name", ["阿卜杜·热西提", "𠮷田", "小哥🛵", "长" * 60, "  骑手甲  "])
def test_any_other_name_is_taken(town, client, name):
    sign_up(client, display_name=name)
    assert registered().user.display_name == name.strip()


def test_a_name_of_a_novel_is_refused(town, client):
    response = sign_up(client, display_name="长" * 61)
    assert errors(response) == {"display_name": ["太长了，最多 60 个字。"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("platform", "999999"),
        ("platform", "abc"),
        ("platform", "\x00"),
        ("platform", HUGE),
        ("platform", "-1"),
        ("usual_grids", ["999999"]),
        ("usual_grids", ["abc"]),
        ("usual_grids", ["\x00"]),
        ("usual_grids", [HUGE]),
        ("job", "astronaut"),
        ("job", "\x00"),
        ("free_times", ["midnight"]),
        ("free_times", ["\x00"]),
        ("party", "no"),
        ("skills", "长" * 201),
    ],
)
def test_what_was_not_on_offer_is_refused_at_its_field(town, client, field, value):
    consents = {f"consent_{name}": "on" for name in ("free_times", "skills", "party")}
    assert set(errors(sign_up(client, **{field: value}, **consents))) == {field}


def test_a_platform_that_was_taken_off_the_list_is_not_on_offer(town, client):
    gone = Platform.objects.get(name="达达")
    Platform.objects.filter(pk=gone.pk).update(is_active=False)
    assert "达达" not in client.get(f"{SIGN_UP}?station=").content.decode()
    assert set(errors(sign_up(client, platform=gone.pk))) == {"platform"}


def test_what_was_typed_is_still_there_after_a_mistake(town, client):
    response = sign_up(client, job="", skills="急救", station=town.station.slug)
    page = response.content.decode()
    for kept in ('value="骑手乙（演示）"', f'value="{NEW_PHONE}"', 'value="急救"'):
        assert kept in page
    assert f'name="station" value="{town.station.slug}"' in page
    assert "warm-station-26" not in page


def test_a_rider_may_register_right_after_the_notice_changed(town, client):
    PrivacyNotice.objects.create(version="2026-12", text="新", published_at=timezone.now())
    sign_up(client)
    assert registered().consents.get().notice.version == "2026-12"


@pytest.mark.parametrize("count", [1, 3, 40])
def test_the_form_costs_the_same_however_many_grids_there_are(
    town, django_assert_num_queries, count
):
    for n in range(count):
        GridFactory(community=town.other, number=n + 2, boundary=square(45.0, 120 + n / 100))
    client = Client()
    with django_assert_num_queries(2):  # platforms, grids
        client.get(f"{SIGN_UP}?station=")
