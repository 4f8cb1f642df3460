"""The pages of help through their forms: a guest, a rider, a neighbour, a keeper, a stranger."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import media
from tests.factories.stations import LandmarkFactory
from tests.factories.workers import UserFactory
from tests.workers.help.help_help import (
    POINT,
    asker,
    attached,
    call,
    keeper,
    neighbour,
)
from workers.help import asking, help_requests, recordings
from workers.help.models import HelpRequest
from yuanhang.core.models import AuditEvent

PAGE, OPEN, NEAR = "/help/", "/help/open/", "/help/near/"


def filled(**fields):
    """What the form sends."""
    sent = {"submission_key": str(uuid.uuid4()), "category": "battery", "description": "没电了"}
    return sent | {"place": "外环路公交站往东", "body_start": "1", "body_end": "1"} | fields


def text_of(response):
    return response.content.decode()


def open_it(client, row):
    return client.get(row.get_absolute_url())


# --- asking ---------------------------------------------------------------------------------


def test_numbers_come_first_and_who_is_on_duty_is_said(client, town):
    keeper(town)
    page = text_of(client.get(PAGE))
    calls = re.findall(r'href="tel:(\d+)"', page)
    assert calls[:4] == ["120", "122", "119", "110"]
    assert "驿站有人看着" in page
    assert "值班" not in page


def test_off_duty_the_desks_phone_comes_before_the_form(client, town):
    page = text_of(client.get(PAGE))
    assert "发出后马上告诉社区工作人员" in page
    assert page.index("tel:0459-0000000") < page.index('id="report-form"')


def test_a_guest_asks_and_reads_the_answer_on_the_same_phone(client, visit, town):
    on_duty = keeper(town)
    sent = filled(contact_name="骑手丙（演示）", contact_phone="10000000999")
    answer = client.post(PAGE, sent)
    assert answer.status_code == 302
    row = HelpRequest.objects.get()
    assert (row.asker, row.asks_neighbours, row.contact_phone) == (None, False, "10000000999")
    receipt = answer.url
    assert "/receipt/" in receipt
    assert client.post(PAGE, sent).url == receipt
    keepers_page = visit(on_duty)
    seen = text_of(open_it(keepers_page, row))
    for words in ("外环路公交站往东", "没电了", "骑手丙（演示）", "10000000999"):
        assert words in seen
    act = reverse("workers:help-act", args=[row.pk, "answer"])
    assert keepers_page.post(act, {"answer": ""}).status_code == 400
    assert keepers_page.post(act, {"answer": "带着充电器出门了"}).status_code == 302
    guests_page = text_of(visit(None).get(receipt))
    assert "带着充电器出门了" in guests_page
    ended = visit(None).post(f"{receipt}close/", {"end": "not_needed"})
    assert ended.status_code == 302
    row.refresh_from_db()
    assert (row.end, row.place) == ("not_needed", "")
    again = text_of(client.get(receipt))
    assert "位置删掉了" in again
    assert client.post(f"{receipt}close/").status_code == 409


def test_a_position_finds_its_grid_and_a_landmark_its_point(client, town):
    LandmarkFactory(community=town.community, name="红旗桥", latitude=46.545, longitude=124.935)
    client.post(PAGE, filled(place="", latitude="46.5451", longitude="124.9451", accuracy="12"))
    client.post(PAGE, filled(place="红旗桥"))
    client.post(PAGE, filled(place="", grid=town.one.pk))
    rows = list(HelpRequest.objects.order_by("pk"))
    assert [row.grid for row in rows] == [town.six, town.one, town.one]
    assert [row.location_source for row in rows] == ["device", "landmark", "grid"]
    assert [row.has_point for row in rows] == [True, True, False]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"category": ""}, "点一下你怎么了"),
        ({"category": "x\0y"}, "没有这一样"),
        ({"place": ""}, "说一下在哪儿"),
        ({"latitude": "abc", "longitude": "1"}, "位置"),
        ({"latitude": "31.2", "longitude": "121.5"}, "像在别的城市"),
        ({"description": "长" * 201}, "200"),
        ({"contact_phone": "12"}, "手机号"),
        ({"submission_key": "nonsense"}, "页面过期了"),
        ({"body_end": None}, "网断了一下"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed(client, town, fields, words):
    sent = {name: value for name, value in filled(**fields).items() if value is not None}
    page = client.post(PAGE, sent)
    assert page.status_code == 400
    assert words in text_of(page)
    if "description" not in fields:
        assert "没电了</textarea>" in text_of(page)
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("odd", ["‮倒着写", "\ufffe\uffff", "😀" * 50, "<b>粗</b>{{ x }}", "a\x00b"])
def test_odd_words_do_no_harm(client, town, odd):
    answer = client.post(PAGE, filled(description=odd, place=f"桥头{odd}"))
    assert answer.status_code == 302
    assert client.get(answer.url).status_code == 200


def test_only_a_confirmed_worker_is_asked_about_neighbours(visit, town):
    assert "asks_neighbours" not in text_of(visit(None).get(PAGE))
    assert "asks_neighbours" not in text_of(visit(town.rider).get(PAGE))
    page = text_of(visit(asker(town)).get(PAGE))
    (box,) = re.findall(r"<input[^>]*asks_neighbours[^>]*>", page)
    assert "checked" not in box
    near = neighbour(town)
    # A hand-made form of somebody who may not: the tick is not read.
    visit(town.stranger).post(PAGE, filled(grid=town.six.pk, asks_neighbours="on"))
    assert not HelpRequest.objects.offered_to(near).exists()
    refused = visit(town.rider).post(
        PAGE, filled(category="fallen", grid=town.six.pk, asks_neighbours="on")
    )
    assert refused.status_code == 400
    assert "只告诉驿站" in text_of(refused)


def test_photos_and_voice_come_along_and_are_heard_by_who_may(visit, town, media_files):
    on_duty, near = keeper(town), neighbour(town)
    rider = visit(asker(town))
    answer = rider.post(
        PAGE, filled(place="", grid=town.six.pk, asks_neighbours="on", **media_files())
    )
    row = HelpRequest.objects.get()
    photo, voice = row.photos.get(), row.voices.get()
    assert recordings.convert(voice.pk)
    by_number = (
        reverse("workers:help-photo", args=[row.pk, photo.pk, "page"]),
        reverse("workers:help-voice", args=[row.pk, voice.pk]),
    )
    token = answer.url.strip("/").split("/")[-1]
    by_link = (
        reverse("workers:help-receipt-photo", args=[token, photo.pk, "thumb"]),
        reverse("workers:help-receipt-voice", args=[token, voice.pk]),
    )

    def statuses(user, urls):
        client, found = visit(user), []
        for url in urls:
            response = client.get(url)
            found.append(response.status_code)
            if response.streaming:
                response.getvalue()
        return found

    assert statuses(None, by_link) == [200, 200]
    assert statuses(town.rider, by_number) == [200, 200]
    assert statuses(on_duty, by_number) == [200, 200]
    assert statuses(near, by_number) == [404, 404]
    assert statuses(town.stranger, by_number) == [404, 404]
    take = help_requests.take(row, by=near)
    assert statuses(near, by_number) == [200, 200]
    seen = AuditEvent.objects.filter(kind="workers.help_file_seen", actor_id=near.pk)
    assert list(seen.values_list("target_id", flat=True)) == [str(take.pk)] * 2
    help_requests.refuse(row, by=town.rider)
    assert statuses(near, by_number) == [404, 404]
    assert open_it(visit(near), row).status_code == 404


@pytest.fixture
def media_files():
    from django.core.files.uploadedfile import SimpleUploadedFile

    return lambda: {
        "photos": SimpleUploadedFile("a.jpg", media.jpeg(64, 48), "image/jpeg"),
        "voice": SimpleUploadedFile("a.wav", media.wav(1.0), "audio/wav"),
    }


def test_a_form_with_files_sent_twice_is_one_request(client, town, media_files, stored_files):
    sent = filled()
    first = client.post(PAGE, sent | media_files())
    kept = len(stored_files())
    assert client.post(PAGE, sent | media_files()).url == first.url
    assert HelpRequest.objects.count() == 1
    assert len(stored_files()) == kept


def test_a_phone_is_told_when_it_sends_too_many_and_a_station_is_not(client, town, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"help_device": "2/h/key"}
    client.get(PAGE)  # gives the phone its name
    sent = [filled(description=f"第 {n} 次") for n in range(3)]
    assert [client.post(PAGE, one).status_code for one in sent] == [302, 302, 429]
    # What was sent before leads to its receipt, however often.
    assert client.post(PAGE, sent[0]).status_code == 302
    client.cookies.clear()
    assert client.post(PAGE, sent[2]).status_code == 302


def test_what_the_phone_kept_shows_both_times(client, town):
    moment = timezone.now() - timezone.timedelta(minutes=15)
    answer = client.post(PAGE, filled(queued_at=str(int(moment.timestamp() * 1000))))
    page = text_of(client.get(answer.url))
    assert "手机记下" in page
    assert timezone.localtime(moment).strftime("%-H:%M") in page
    late = client.post(PAGE, filled(queued_at="not a clock"))
    assert "手机记下" not in text_of(client.get(late.url))


# --- who sees what --------------------------------------------------------------------------


def test_a_helper_sees_kind_and_grid_and_the_place_once_they_go(visit, town):
    near = neighbour(town)
    row = call(town, by=asker(town), words="绝密的话", place="绝密的地方", attached=attached())
    client = visit(near)
    assert "没电了" in text_of(client.get(NEAR))
    before = text_of(open_it(client, row))
    assert "第六网格" in before
    for secret in ("绝密", "46.545", town.rider.display_name, "photos/", "voices/"):
        assert secret not in before
    take = reverse("workers:help-act", args=[row.pk, "take"])
    assert client.post(take).status_code == 302
    after = text_of(open_it(client, row))
    for words in ("绝密的话", "绝密的地方", "46.545", "photos/"):
        assert words in after
    assert town.rider.phone not in after
    assert AuditEvent.objects.filter(kind="workers.help_place_seen", actor_id=near.pk).count() == 1
    asked = text_of(open_it(visit(town.rider), row))
    assert near.display_name in asked
    assert near.phone not in asked


def test_one_who_does_not_go_reads_nothing_of_a_taken_one(visit, town):
    near, other = neighbour(town), neighbour(town)
    row = call(town, by=asker(town))
    help_requests.take(row, by=near)
    assert open_it(visit(other), row).status_code == 404
    assert "没电了" not in text_of(visit(other).get(NEAR))
    late = visit(other).post(reverse("workers:help-act", args=[row.pk, "take"]))
    assert late.status_code == 404


def test_the_keepers_list_holds_what_is_theirs(visit, town):
    on_duty = keeper(town)
    mine = call(town)
    for user, sees in (
        (on_duty, True),
        (town.staff, True),
        (town.admin, True),
        (town.other_staff, False),
        (town.officer, False),
    ):
        page = visit(user).get(OPEN)
        assert page.status_code == 200
        assert (mine.get_absolute_url() in text_of(page)) == sees, user
        assert open_it(visit(user), mine).status_code == (200 if sees else 404)
    for user in (town.rider, town.grid_worker):
        assert visit(user).get(OPEN).status_code == 403
    elsewhere = call(town, kind="fallen")
    assert elsewhere.get_absolute_url() in text_of(visit(on_duty).get(OPEN))
    help_requests.close(mine, by=on_duty, end="keeper")
    assert mine.get_absolute_url() not in text_of(visit(on_duty).get(OPEN))


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_number_of_questions(visit, town, count, django_assert_max_num_queries):
    on_duty, near = keeper(town), neighbour(town)
    asker(town)
    for n in range(count):
        call(town, by=town.rider, words=str(n))
    for user, page in ((on_duty, OPEN), (near, NEAR)):
        client = visit(user)
        client.get(page)
        with django_assert_max_num_queries(9):
            client.get(page)


def test_pages_ask_few_questions(visit, town, django_assert_max_num_queries):
    on_duty, near = keeper(town), neighbour(town)
    row, _token = asking.ask(
        by=asker(town),
        submission_key=uuid.uuid4(),
        kind="broken",
        grid=town.six,
        point=POINT,
        asks_neighbours=True,
        attached=attached(),
    )
    help_requests.take(row, by=near)
    for user in (on_duty, near, town.rider):
        client = visit(user)
        open_it(client, row)
        with django_assert_max_num_queries(15):
            assert open_it(client, row).status_code == 200
    client = visit(town.rider)
    client.get(PAGE)
    with django_assert_max_num_queries(12):
        client.get(PAGE)


def test_buttons_of_others_are_refused(visit, town):
    near, on_duty = neighbour(town), keeper(town)
    row = call(town, by=asker(town))

    def pressed(user, verb):
        return visit(user).post(reverse("workers:help-act", args=[row.pk, verb])).status_code

    assert [pressed(near, verb) for verb in ("close", "refuse", "answer", "release")] == [403] * 4
    assert [pressed(on_duty, verb) for verb in ("refuse", "keep-private", "finish")] == [403] * 3
    assert [pressed(town.rider, verb) for verb in ("take", "finish", "answer")] == [403] * 3
    assert pressed(town.stranger, "take") == 404
    assert pressed(near, "nonsense") == 404
    assert HelpRequest.objects.get().state == "open"


def test_a_guessed_link_opens_and_moves_nothing(client, town):
    call(town)
    for token in ("guessed", "a" * 32):
        assert client.get(f"/help/receipt/{token}/").status_code == 404
        assert client.post(f"/help/receipt/{token}/close/").status_code == 404


def test_a_preview_of_the_link_changes_nothing(client, town):
    row, token = asking.ask(by=None, submission_key=uuid.uuid4(), kind="stuck", grid=town.six)
    for _ in range(3):
        client.get(f"/help/receipt/{token}/")
    client.head(f"/help/receipt/{token}/")
    row.refresh_from_db()
    assert row.state == "open"


def test_the_question_is_read_and_answered_on_the_receipt(client, town):
    row, token = asking.ask(by=None, submission_key=uuid.uuid4(), kind="stuck", grid=town.six)
    HelpRequest.objects.update(asked_at=timezone.now() - timezone.timedelta(minutes=61))
    assert help_requests.ask_again() == 1
    receipt = f"/help/receipt/{token}/"
    assert "还要人帮吗？" in text_of(client.get(receipt))
    client.post(f"{receipt}still-needed/")
    HelpRequest.objects.update(closes_at=timezone.now())
    assert help_requests.lapse() == 1
    assert "没有人答" in text_of(client.get(receipt))
    row.refresh_from_db()
    assert row.end == "no_answer"


def test_the_profile_says_yes_with_hours_and_takes_it_back(visit, town):
    client, worker = visit(asker(town)), town.rider.worker
    page = text_of(client.get("/workers/me/"))
    version = re.search(r'name="form_version" value="([^"]*)"', page).group(1)
    facts = {"display_name": "骑手甲（演示）", "job": "rider", "form_version": version}
    lonely = client.post("/workers/me/", facts | {"consent_help_times": "on"})
    assert lonely.status_code == 400
    assert "选一下几点可以叫你" in text_of(lonely)
    client.post("/workers/me/", facts | {"consent_help_times": "on", "help_times": ["noon"]})
    worker.refresh_from_db()
    assert worker.help_times == ["noon"]
    client.post("/workers/me/withdraw/", {"purpose": "help_times"})
    worker.refresh_from_db()
    assert worker.help_times == []


def test_a_card_of_the_front_page_leads_to_what_waits(visit, town):
    near, row = neighbour(town), call(town, by=asker(town))
    help_requests.take(row, by=near)
    for user in (near, town.rider):
        assert row.get_absolute_url() in text_of(visit(user).get("/"))
    assert row.get_absolute_url() not in text_of(visit(UserFactory()).get("/"))


def test_the_front_page_and_the_needs_lead_here(client, town):
    assert 'href="/help/"' in text_of(client.get("/"))
    assert 'href="/help/"' in text_of(client.get("/stations/"))
