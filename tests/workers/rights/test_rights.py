"""权益页: whom to ask, work that partners offer while it lasts, what the community does next."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from stations.pages.models import Page
from tests.admin_forms import all_posted
from tests.factories.rights import job_offer
from tests.factories.volunteers import ActivityFactory, session
from workers.rights.models import JobOffer
from yuanhang.core.models import AuditEvent

pytestmark = pytest.mark.django_db
PAGE = "/rights/"
ADD = "/admin/workers/joboffer/add/"


def shown(client):
    return client.get(PAGE).content.decode()


def test_the_numbers_are_buttons_and_the_text_is_staffs(client, town):
    page = shown(client)
    buttons = page.split('class="card-numbers"')[1].split("</div>")[0]
    for number in ("120", "12333", "12351", "12348", "12356", "122", "12345"):
        assert f'href="tel:{number}"' in buttons
    assert 'href="/rights/"' in client.get("/").content.decode().split("<footer")[1]
    Page.objects.filter(slug="rights").update(title="找谁", text="")
    assert "这一页还没写。" in shown(client)


def test_an_offer_shows_until_its_last_day_ends_and_vanishes_by_itself(client, town, monkeypatch):
    offer = job_offer(town, days=1)
    assert offer.title in shown(client)
    assert "0459-6000000" in shown(client)
    midnight = offer.ends_at
    monkeypatch.setattr(timezone, "now", lambda: midnight - timedelta(seconds=1))
    assert offer.title in shown(client)
    monkeypatch.setattr(timezone, "now", lambda: midnight)
    assert offer.title not in shown(client)
    assert "现在没有单位招人。" in shown(client)


def test_many_offers_go_on_by_key_and_cost_the_same(client, town, django_assert_max_num_queries):
    for _number in range(13):
        job_offer(town)
    with django_assert_max_num_queries(8):
        page = shown(client)
    assert page.count('<li class="row-item">') == 10
    following = re.search(r'href="\?after=([^"#]+)#jobs"', page)[1]
    rest = client.get(PAGE, {"after": following}).content.decode()
    assert rest.count('<li class="row-item">') == 3


def test_the_next_care_activities_stand_on_it_and_nothing_confidential(client, town, visit):
    care = ActivityFactory(community=town.community, organiser=town.staff, kind="care")
    session(care)
    other = ActivityFactory(community=town.community, organiser=town.staff, kind="training")
    session(other)
    secret = ActivityFactory(
        community=town.community, organiser=town.staff, kind="care", is_confidential=True
    )
    session(secret)
    for user in (None, town.staff):
        page = shown(visit(user))
        assert care.title in page
        assert secret.title not in page.replace(care.title, "")
        assert other.title not in page.replace(care.title, "")


# --- entering -----------------------------------------------------------------------------------


def entered(client, **fields):
    return client.post(ADD, all_posted(client.get(ADD)) | fields)


@pytest.fixture
def offered(town):
    """What staff type."""
    partner = job_offer(town).organisation
    JobOffer.objects.all().delete()
    return {
        "community": town.community.pk,
        "organisation": partner.pk,
        "title": "夜班分拣",
        "pay": "每天 200 元",
        "contact": "0459-6000000",
        "until": timezone.localdate() + timedelta(days=3),
    }


def test_staff_enter_what_a_partner_offers_in_their_own_community(town, visit, offered):
    assert entered(visit(town.staff), **offered).status_code == 302
    offer = JobOffer.objects.get()
    assert offer.ends_at == offer.end_of_last_day
    assert AuditEvent.objects.filter(kind="workers.create_joboffer").exists()
    address = f"/admin/workers/joboffer/{offer.pk}/change/"
    assert visit(town.other_staff).get(address).status_code == 302
    assert entered(visit(town.other_staff), **offered).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"until": "2020-01-01"}, "这天已经过了。"),
        ({"contact": "找小王 13800138000"}, "写单位的座机或地址，别写手机号。"),
        ({"title": ""}, "必填"),
    ],
)
def test_bad_input_saves_nothing_and_says_why(town, visit, offered, fields, words):
    answer = entered(visit(town.staff), **(offered | fields))
    assert words in answer.content.decode()
    assert not JobOffer.objects.exists()


def test_an_offer_whose_day_moves_shows_again(town, visit, client):
    offer = job_offer(town, days=-2)
    assert offer.title not in shown(client)
    staff = visit(town.staff)
    address = f"/admin/workers/joboffer/{offer.pk}/change/"
    later = timezone.localdate() + timedelta(days=2)
    sent = all_posted(staff.get(address)) | {"until": later}
    assert staff.post(address, sent).status_code == 302
    assert offer.title in shown(client)
