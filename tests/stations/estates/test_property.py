"""The property's link: looking spends nothing, a device is paused alone, the right code opens."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stations.estates import facts, property_links
from stations.estates.link_models import PropertyLink, WrongCode
from stations.estates.models import EstateFact, FactVersion
from stations.estates.property_links import WRONG_MAX, WrongCodeError
from tests.stations.estates.help import believed, fact_of, north
from tests.threads import at_once, meet, without_row_locks
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent


@pytest.fixture
def link(estate, town):
    """(address, code) as staff give them."""
    key = property_links.give(estate, by=town.staff)
    return f"/estates/property/{key}/", PropertyLink.objects.get().code


def phone(address):
    """A browser with a name of its own."""
    client = Client()
    client.get(address)
    return client


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def say(client, address, code):
    return client.post(address, {"code": code}, follow=True).content.decode()


def test_the_key_is_long_and_stored_as_a_digest(link):
    address, _code = link
    key = address.split("/")[3]
    assert len(key) >= 22
    stored = str(PropertyLink.objects.values())
    assert key not in stored
    assert key not in str(list(AuditEvent.objects.values()))


def test_looking_spends_nothing(link, estate, riders):
    address, code = link
    believed(estate, riders)
    viewer = Client()
    before = (WrongCode.objects.count(), str(FactVersion.objects.values()))
    for _time in range(3):
        page = viewer.get(address)
        assert page.status_code == 200
        assert "北门" not in page.content.decode()
    viewer.head(address)
    viewer.get(f"{address}?code={code}")
    assert (WrongCode.objects.count(), str(FactVersion.objects.values())) == before
    assert viewer.get("/estates/property/other/").status_code == 404
    assert "写得对不对" in say(phone(address), address, code)


def test_the_property_confirms_what_a_rider_corrected(link, estate, riders):
    address, code = link
    shown = believed(estate, riders)
    second = facts.correct(fact_of(shown), north(words="夜里按铃"), by=riders[3], seen=shown.pk)
    client = phone(address)
    page = say(client, address, f" {code[:3]} {code[3:]} ")
    assert "夜里按铃" in page
    client.get(address)
    client.head(address)
    assert not FactVersion.objects.get(pk=second.pk).confirmed_at
    client.post(address, {"act": "confirm", "row": second.pk})
    assert FactVersion.objects.get(pk=second.pk).sure_as == "property"
    public = Client().get(estate.get_absolute_url()).content.decode()
    assert "夜里按铃" in public
    assert "物业" in public


def test_five_wrong_codes_pause_that_device_and_no_other(link, clock):
    address, code = link
    first, second = phone(address), phone(address)
    for _time in range(WRONG_MAX - 1):
        assert "还能试" in say(first, address, wrong(code))
    assert "先停一个小时" in say(first, address, wrong(code))
    assert "输错太多次了" in say(first, address, code)
    assert "写得对不对" in say(second, address, code)
    # A browser that keeps nothing is known by its network, and that of the others is not paused.
    clock(hours=1, seconds=1)
    assert "写得对不对" in say(first, address, code)


def test_ten_wrong_codes_and_the_right_phone_gets_in(link):
    address, code = link
    stranger = phone(address)
    for _time in range(10):
        say(stranger, address, wrong(code))
    assert WrongCode.objects.count() == WRONG_MAX
    assert "写得对不对" in say(phone(address), address, code)


def test_a_used_up_code_is_replaced_in_one_tap(link, estate, town, visit, monkeypatch):
    address, code = link
    monkeypatch.setattr(property_links, "USED_UP", 2)
    for _device in range(2):
        say(phone(address), address, wrong(code))
    assert "请社区换一个" in say(phone(address), address, code)
    keep = f"{estate.get_absolute_url()}keep/"
    page = visit(town.staff).post(keep, {"act": "renew_code"}, follow=True).content.decode()
    fresh = PropertyLink.objects.get().code
    assert fresh in page
    assert "写得对不对" in say(phone(address), address, fresh)


def test_a_new_code_shuts_out_who_came_in_with_the_old_one(link, estate, town):
    address, code = link
    client = phone(address)
    assert "写得对不对" in say(client, address, code)
    property_links.renew_code(estate, by=town.staff)
    assert "输入六位码" in client.get(address).content.decode()
    new = property_links.give(estate, by=town.staff)
    assert client.get(address).status_code == 404
    assert client.get(f"/estates/property/{new}/").status_code == 200
    property_links.revoke(estate, by=town.staff)
    assert client.get(f"/estates/property/{new}/").status_code == 404
    with pytest.raises(NotAllowedNowError, match="已经收回了"):
        property_links.revoke(estate, by=town.staff)
    with pytest.raises(NotAllowedNowError, match="还没有给物业的链接"):
        property_links.renew_code(estate, by=town.staff)


def test_only_its_staff_give_a_link(estate, town, riders):
    for person in (riders[0], town.other_staff, town.grid_worker):
        with pytest.raises(NotAllowedNowError, match="你不管这个小区"):
            property_links.give(estate, by=person)


def test_the_link_is_shown_once(estate, town, visit):
    keep = f"{estate.get_absolute_url()}keep/"
    client = visit(town.staff)
    page = client.post(keep, {"act": "give_link"}).content.decode()
    assert "/estates/property/" in page
    assert "/estates/property/" not in client.get(keep).content.decode()


def test_the_property_asks_and_staff_decide(link, estate, riders, town, visit):
    address, code = link
    fact = fact_of(believed(estate, riders))
    client = phone(address)
    say(client, address, code)
    page = client.post(address, {"act": "down", "row": fact.pk, "why": "门要换了"}, follow=True)
    assert "请求撤下，社区在看" in page.content.decode()
    assert "北门" in Client().get(estate.get_absolute_url()).content.decode()
    keep = f"{estate.get_absolute_url()}keep/"
    staff = visit(town.staff)
    assert "门要换了" in staff.get(keep).content.decode()
    staff.post(keep, {"act": "take_down", "row": fact.pk})
    assert "北门，" not in Client().get(estate.get_absolute_url()).content.decode()


def test_without_the_code_no_button_acts(link, estate, riders):
    address, _code = link
    version = believed(estate, riders)
    Client().post(address, {"act": "down", "row": version.fact_id})
    Client().post(address, {"act": "confirm", "row": version.pk})
    assert FactVersion.objects.get(pk=version.pk).sure_as == "workers"
    assert EstateFact.objects.get().down_asked_at is None


def test_a_link_opens_its_own_estate_alone(link, town, riders):
    from tests.factories.stations import EstateFactory

    address, code = link
    other = believed(EstateFactory(community=town.community, name="示意小区乙"), riders)
    client = phone(address)
    say(client, address, code)
    for act, row in (("confirm", other.pk), ("down", other.fact_id), ("x", 1)):
        assert client.post(address, {"act": act, "row": row}).status_code == 404


# --- at one instant -----------------------------------------------------------------------------


def _try(link, code):
    return property_links.open_with(link, code, device="one")


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_counted_one_by_one(estate, town):
    property_links.give(estate, by=town.staff)
    link = PropertyLink.objects.get()
    told = at_once(lambda: _try(link, wrong(link.code)), times=8)
    assert {type(one) for one in told} == {WrongCodeError}
    assert WrongCode.objects.count() == WRONG_MAX


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_eight_at_once_have_eight_guesses(estate, town, monkeypatch):
    property_links.give(estate, by=town.staff)
    link = PropertyLink.objects.get()
    without_row_locks(monkeypatch)
    meet(monkeypatch, property_links, "constant_time_compare", times=8)
    at_once(lambda: _try(link, wrong(link.code)), times=8)
    assert WrongCode.objects.count() == 8


def test_the_cookie_says_nothing_elsewhere(link):
    address, code = link
    client = phone(address)
    say(client, address, code)
    cookie = client.cookies["yuanhang_property"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (address, True, "Lax")
    assert timedelta(seconds=cookie["max-age"]) == timedelta(hours=12)
    assert timezone.now()
