"""What is in the first-aid box, and the warning a month before it is too old."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from stations.houses.models import FirstAidItem
from stations.keeping import first_aid
from stations.postings.models import Posting
from tests.factories.workers import UserFactory, post
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Notice

PAGE = "/stations/qingxiaoyi/keep/"
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """A Monday; `today(n)` lets n days pass."""
    shanghai = ZoneInfo("Asia/Shanghai")

    def let(days):
        now = datetime(2026, 11, 23, 10, tzinfo=shanghai) + timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda: now)

    let(0)
    return let


@pytest.fixture
def keeper(town):
    person = UserFactory()
    post(person, Posting.Role.STATION_KEEPER, town.station, start=date(2026, 11, 1))
    return person


def fields_of(client, **typed):
    form = client.get(PAGE).context["forms"]["aid"]
    shown = {f"aid-{name}": form[name].value() or "" for name in form.fields}
    return {"act": "aid"} | shown | {f"aid-{name}": value for name, value in typed.items()}


def test_it_is_filled_and_emptied_on_the_keepers_screen(town, keeper, client):
    client.force_login(keeper)
    fields = fields_of(client, name_new0="碘伏", day_new0="2026-12-20", name_new1="冻伤膏")
    assert "药箱记下了" in client.post(PAGE, fields, follow=True).content.decode()
    found = dict(FirstAidItem.objects.values_list("name", "expires_on"))
    assert found == {"碘伏": date(2026, 12, 20), "冻伤膏": None}
    salve = FirstAidItem.objects.get(name="冻伤膏")
    client.post(PAGE, fields_of(client, **{f"name_{salve.pk}": ""}))
    assert list(FirstAidItem.objects.values_list("name", flat=True)) == ["碘伏"]
    assert AuditEvent.objects.filter(kind="stations.fill_first_aid").count() == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name_new0": "碘伏", "name_new1": "碘伏"}, "这个写了两遍"),
        ({"day_new0": "2026-12-20"}, "写上是什么"),
    ],
)
def test_what_cannot_be_meant_is_said(town, keeper, client, typed, words):
    client.force_login(keeper)
    answer = client.post(PAGE, fields_of(client, **typed))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not FirstAidItem.objects.exists()


def test_two_who_fill_it_at_once_see_each_others_words(town, keeper, client):
    client.force_login(keeper)
    fields = fields_of(client, name_new0="碘伏")
    first_aid.fill(town.station, [("纱布", None)], by=keeper)
    row = FirstAidItem.objects.get()
    fields |= {f"aid-name_{row.pk}": ""}
    # The page knew nothing of the gauze: what it sends must not throw it away.
    answer = client.post(PAGE, fields)
    assert answer.status_code == 409
    assert FirstAidItem.objects.get().name == "纱布"


def warned():
    kinds = Notice.objects.filter(kind="stations.first_aid_expires")
    return set(kinds.values_list("recipient", flat=True)), kinds.count()


def test_its_keepers_hear_of_it_once_a_month_before(town, keeper, today):
    box = [("碘伏", TODAY + timedelta(days=31)), ("纱布", None)]
    first_aid.fill(town.station, box, by=keeper)
    assert first_aid.warn_of_expiry() == 0
    today(1)
    assert first_aid.warn_of_expiry() == 1
    assert first_aid.warn_of_expiry() == 0
    assert warned() == ({keeper.pk, town.staff.pk}, 2)
    assert "碘伏" in Notice.objects.first().body
    # A new one is warned of when its own time comes.
    first_aid.fill(town.station, [("碘伏", TODAY + timedelta(days=400))], by=keeper)
    assert first_aid.warn_of_expiry() == 0
    today(371)
    assert first_aid.warn_of_expiry() == 1
