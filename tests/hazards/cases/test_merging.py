"""One place, many reporters: finding duplicates, merging, following, taking apart."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hazards.cases import cases, duplicates
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from hazards.sightings import sightings
from tests import media
from tests.factories.hazards import advance, into, report, stored_photo
from tests.factories.workers import UserFactory, WorkerFactory
from tests.threads import at_once
from yuanhang.core import geo
from yuanhang.core.errors import NotAllowedNowError

HERE = (46.5450, 124.9450)


def at_point(town, north_metres=0.0, **fields):
    """A report so many metres north of the same spot."""
    point = geo.Point(HERE[0] + north_metres / 111_195, HERE[1], 10.0, "wgs84")
    return report(town.six, point=point, **fields)


def found_for(hazard):
    return [(case.number, case.metres) for case in duplicates.find_duplicates(hazard)]


def test_same_kind_within_fifty_metres_nearest_first(town):
    far = at_point(town, 51)
    near, nearest = at_point(town, 49), at_point(town, 5)
    at_point(town, 3, category="ice")
    over = at_point(town, 2)
    cases.reject(over, by=town.grid_worker, reason="没有")
    hazard = at_point(town)
    assert found_for(hazard) == [(nearest.number, 5), (near.number, 49)]
    assert far.number not in str(found_for(hazard))


def test_a_reporter_reads_the_distance_in_tens(town, client, visit):
    at_point(town, 13)
    hazard = at_point(town)
    page = client.get(hazard.get_receipt_url()).content.decode()
    assert "10 米外" in page
    page = visit(town.grid_worker).get(hazard.get_absolute_url()).content.decode()
    assert "13 米外" in page


def test_a_week_is_the_limit_and_a_landmark_stands_for_a_point(town):
    old = report(town.six, place="外环路公交站")
    Hazard.objects.filter(pk=old.pk).update(submitted_at="2026-01-01T00:00:00Z")
    young = report(town.six, place="外环路公交站")
    hazard = report(town.six, place="外环路公交站")
    assert found_for(hazard) == [(young.number, None)]
    assert found_for(report(town.six, place="")) == []


def test_three_riders_report_one_cover_and_all_three_are_told(town):
    riders = [town.rider, UserFactory(), UserFactory()]
    main, second, third = (at_point(town, by=rider) for rider in riders)
    second = cases.merge(second, by=town.grid_worker, main=main)
    third = cases.merge(third, by=riders[2], role="reporter", main=main)
    assert (second.state, third.state) == (State.MERGED, State.MERGED)
    main = advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    for rider, case in zip(riders, (main, second, third), strict=True):
        told = list(rider.notices.order_by("id").values_list("title", "url"))
        assert told[-1] == ("你报的「井盖道路」，办结了，谢谢你", case.get_absolute_url())
        assert sum("修好" in title for title, _url in told) == 1
    assert "谢谢你也看到了" in riders[1].notices.order_by("id").first().body


def test_a_follower_sees_how_the_main_case_went_but_not_whose_it_is(town, visit):
    other = UserFactory()
    main = at_point(town, by=other, attachments=photos(), description="别人写的话")
    mine = cases.merge(at_point(town, by=town.rider), by=town.grid_worker, main=main)
    main = advance(main, "dispatched", reviewer=town.grid_worker, officer=town.officer)
    repair = Attachments(photos=[stored_photo(media.jpeg(60, 40))])
    cases.fix(main, by=town.officer, role="centre", attachments=repair)
    client = visit(town.rider)
    page = client.get(mine.get_absolute_url()).content.decode()
    assert "已派给" in page
    assert "别人写的话" not in page
    first, after = main.photos.order_by("id")
    assert f"photos/{after.pk}/" in page
    assert f"photos/{first.pk}/" not in page
    base = mine.get_absolute_url()
    assert status(client, f"{base}photos/{after.pk}/full/") == 200
    assert status(client, f"{base}photos/{first.pk}/full/") == 404
    assert client.get(main.get_absolute_url()).status_code == 404


def test_a_follower_does_not_read_what_the_other_reporter_wrote(town, visit):
    main = at_point(town, by=UserFactory())
    mine = cases.merge(at_point(town, by=town.rider), by=town.grid_worker, main=main)
    main = advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    cases.reopen(main, by=main.reporter, reason="我家门口这个还响，打 10000019999")
    page = visit(town.rider).get(mine.get_absolute_url()).content.decode()
    assert "还没修好" in page
    assert "我家门口" not in page
    # What the grid worker says is for both of them.
    page = visit(town.rider).get(mine.get_absolute_url()).content.decode()
    assert "上报人说还没修好" in page
    assert "你说还没修好" not in page
    cases.fix(main, by=town.grid_worker, note="又紧了一遍。")
    assert "又紧了一遍" in visit(town.rider).get(mine.get_absolute_url()).content.decode()


def status(client, url):
    """The answer's status; a file is read to its end, so that it is closed."""
    response = client.get(url)
    b"".join(response)
    return response.status_code


def photos():
    return Attachments(photos=[stored_photo(media.jpeg(64, 48))])


def test_staff_see_the_photos_of_all_on_the_main_case(town, visit):
    main = at_point(town, attachments=photos())
    other = at_point(town, attachments=photos())
    cases.merge(other, by=town.grid_worker, main=main)
    client = visit(town.grid_worker)
    page = client.get(main.get_absolute_url()).content.decode()
    picture = other.photos.get()
    assert f"photos/{picture.pk}/" in page
    assert other.number in page
    url = f"{main.get_absolute_url()}photos/{picture.pk}/thumb/"
    assert status(client, url) == 200
    # The main case's own reporter sees only what is theirs.
    assert status(visit(town.stranger), url) == 404
    receipt = f"{main.get_receipt_url()}photos/{picture.pk}/thumb/"
    assert status(client, receipt) == 404


def test_taking_apart_leads_back_to_where_it_was(town):
    main, other = at_point(town), at_point(town, by=town.rider)
    other = advance(other, "accepted", reviewer=town.grid_worker)
    other = cases.merge(other, by=town.grid_worker, main=main)
    other = cases.unmerge(other, by=town.grid_worker)
    assert (other.state, other.main, other.merged_from) == (State.ACCEPTED, None, "")


def test_followers_move_along_when_their_main_case_is_merged(town):
    first, second, third = (at_point(town) for _ in range(3))
    cases.merge(third, by=town.grid_worker, main=second)
    cases.merge(second, by=town.grid_worker, main=first)
    third.refresh_from_db()
    assert third.main == first


def test_what_cannot_be_a_main_case(town):
    hazard, closed = at_point(town), into(at_point(town), State.CLOSED, town)
    over = cases.merge(at_point(town), by=town.grid_worker, main=at_point(town))
    into(over.main, State.CLOSED, town)
    for main in (hazard, closed, over):
        with pytest.raises(NotAllowedNowError, match="换一件"):
            cases.merge(hazard, by=town.grid_worker, main=main)
    hazard.refresh_from_db()
    assert hazard.state == State.SUBMITTED


def test_a_reporter_follows_only_a_likely_one(town, visit):
    main, far = at_point(town), at_point(town, 500)
    mine = at_point(town, by=town.rider)
    client = visit(town.rider)
    page = client.get(mine.get_absolute_url()).content.decode()
    assert "就是这一件" in page
    assert client.post(f"{mine.get_absolute_url()}merge/", {"main": far.number}).status_code == 400
    response = client.post(f"{mine.get_absolute_url()}merge/", {"main": main.number})
    assert response.status_code == 302
    mine.refresh_from_db()
    assert mine.main == main


def test_a_guest_follows_from_the_receipt(town, client):
    main, mine = at_point(town), at_point(town)
    assert "就是这一件" in client.get(mine.get_receipt_url()).content.decode()
    client.post(f"{mine.get_receipt_url()}merge/", {"main": main.number})
    mine.refresh_from_db()
    assert mine.main == main


@pytest.mark.parametrize("category", ["elder", "fraud"])
def test_a_receipt_tells_of_no_other_case_about_people(town, client, visit, category):
    main, mine = at_point(town, category=category), at_point(town, category=category)
    assert "就是这一件" not in client.get(mine.get_receipt_url()).content.decode()
    answer = client.post(f"{mine.get_receipt_url()}merge/", {"main": main.number})
    assert answer.status_code == 400
    mine.refresh_from_db()
    assert mine.main is None
    page = visit(town.grid_worker).get(mine.get_absolute_url()).content.decode()
    assert main.number in page


def test_a_reviewer_merges_by_number_and_hears_of_a_wrong_one(town, visit):
    main, other = report(town.six), report(town.one)
    client, url = visit(town.grid_worker), f"{main.get_absolute_url()}merge/"
    assert "没有这一件" in client.post(url, {"main": "YH20200101-0001"}).content.decode()
    assert client.post(url, {"main": f" {other.number.lower()} "}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_merges_towards_each_other_give_one_success_and_no_deadlock(town):
    one, two = at_point(town), at_point(town)
    pairs = iter([(one, two), (two, one)])

    def merge():
        case, main = next(pairs)
        try:
            return cases.merge(case, by=town.grid_worker, main=main).state
        except NotAllowedNowError:
            return "refused"

    for _ in range(3):
        assert sorted(at_once(merge)) == ["merged", "refused"]
        Hazard.objects.update(state=State.SUBMITTED, main=None, merged_into=None, merged_from="")
        pairs = iter([(one, two), (two, one)])


@pytest.mark.parametrize("role", ["grid_worker", "rider"])
def test_the_case_page_asks_as_often_for_one_duplicate_as_for_twenty(town, visit, role):
    def count():
        client = visit(getattr(town, role))
        # What staff edit now and then is kept from here on.
        client.get(hazard.get_absolute_url())
        with CaptureQueriesContext(connection) as caught:
            client.get(hazard.get_absolute_url())
        return len(caught)

    hazard = at_point(town, by=town.rider)
    at_point(town, 3, attachments=photos())
    few = count()
    for _ in range(20):
        at_point(town, 4, attachments=photos(), submission_key=uuid.uuid4())
    assert count() == few <= 15


def test_what_passers_by_said_of_each_counts_together_once_a_person(town):
    main, other = at_point(town, by=town.rider), at_point(town, 3, by=UserFactory())
    both, left, gone = (WorkerFactory(community=town.community).user for _ in range(3))
    sightings.create(main, by=both, says="still")
    sightings.create(other, by=both, says="gone")
    sightings.create(other, by=left, says="still")
    sightings.create(other, by=gone, says="still")
    gone.delete()
    assert sightings.tally(main) == {"still": 1, "gone": 0}
    other = cases.merge(other, by=town.grid_worker, main=main)
    assert sightings.tally(main) == {"still": 2, "gone": 1}
    other = cases.unmerge(other, by=town.grid_worker)
    assert sightings.tally(main) == {"still": 1, "gone": 0}
    assert sightings.tally(other) == {"still": 2, "gone": 1}


def test_words_from_before_the_closing_do_not_open_a_case_again(town):
    main, other = at_point(town, by=town.rider), at_point(town, 3, by=UserFactory())
    for _ in range(2):
        sightings.create(other, by=WorkerFactory(community=town.community).user, says="still")
    cases.merge(other, by=town.grid_worker, main=main)
    main = advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    assert sightings.tally(main) == {"still": 0, "gone": 0}


@pytest.mark.parametrize("page", ["get_absolute_url", "get_receipt_url"])
def test_a_follower_may_say_that_it_is_still_there(town, visit, page):
    follower = WorkerFactory(community=town.community).user
    main = at_point(town, by=town.rider)
    own = cases.merge(at_point(town, by=follower), by=town.grid_worker, main=main)
    advance(main, "closed", reviewer=town.grid_worker, officer=town.officer)
    address = getattr(own, page)()
    asked = f'action="/hazards/{main.number}/seen/"'
    client = visit(follower)
    shown = client.get(address).content.decode()
    assert asked in shown
    assert "那一件现在" in shown
    tapped = {"says": "still", "next": address}
    answer = client.post(f"/hazards/{main.number}/seen/", tapped, follow=True)
    assert answer.redirect_chain[0][0] == f"{address}#case-{main.pk}"
    assert "记下了，谢谢你" in answer.content.decode()
    # Of a case that is done there is one quiet word, and one to take it back.
    assert 'value="gone" id="gone-' in answer.content.decode()
    main.refresh_from_db()
    assert sightings.tally(main) == {"still": 1, "gone": 0}
    # The main case's own reporter reopens instead, and without an account one only reads.
    assert asked not in visit(town.rider).get(main.get_absolute_url()).content.decode()
    assert asked not in visit(None).get(own.get_receipt_url()).content.decode()
