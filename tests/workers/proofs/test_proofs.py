"""我在帮忙: said at once, three a day, confirmed by staff or not, and deleted by whose it is."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tests.factories.workers import UserFactory
from tests.threads import at_once, meet, without_row_locks
from tests.workers.help.help_help import neighbour
from workers.models import Platform
from workers.proofs import proofs
from workers.proofs.models import Proof
from workers.proofs.proofs import A_DAY, Shown
from yuanhang.core import locked_transitions, people
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Delivery, Notice

NEW, WAITING, MINE = "/proofs/new/", "/proofs/waiting/", "/proofs/mine/"
State = Proof.State


def proof(town, by=None, **fields):
    facts = {"what": "accident", "grid": town.six, "shown": Shown(), "submission_key": uuid.uuid4()}
    return proofs.register(by=by or town.rider, **facts | fields)


def confirmed(town, **fields):
    return proofs.confirm(
        proof(town, **fields), by=town.staff, against="witness", unit="八百垧分局派出所"
    )


def filled(town, **fields):
    sent = {"submission_key": str(uuid.uuid4()), "category": "accident", "grid": town.six.pk}
    return sent | {"shows_name": "on"} | fields


def text_of(response):
    return response.content.decode()


# --- saying so ------------------------------------------------------------------------------


def test_a_rider_has_a_page_at_once_that_says_what_is_not_known_yet(visit, town):
    client = visit(town.rider)
    answer = client.post(NEW, filled(town))
    made = Proof.objects.get()
    assert answer.url == made.get_own_url()
    assert "/receipt/" in answer.url
    for page in (text_of(client.get(answer.url)), text_of(visit(None).get(f"/proofs/{made}/"))):
        assert made.number in page
        assert "已登记，待社区核实" in page
        assert "第六网格" in page
        assert town.rider.display_name in page
        assert town.rider.phone not in page
    assert "<svg" in text_of(visit(town.rider).get(answer.url))
    told = Notice.objects.get(recipient=town.staff)
    assert made.number not in told.title + told.body
    assert town.rider.display_name not in told.title + told.body
    assert not Delivery.objects.exists()


def test_the_qr_code_holds_the_check_page(visit, town, settings):
    import segno

    settings.SITE_URL = "https://yuanhang.example"
    made = proof(town)
    address = f"https://yuanhang.example/proofs/{made.number}/"
    drawn = segno.make(address, error="m").svg_inline(scale=4, border=2, light="#fff")
    page = text_of(visit(town.rider).get(made.get_own_url()))
    assert drawn in page
    assert address in page


def test_it_carries_what_the_rider_chooses(visit, town):
    town.rider.worker.platform = Platform.objects.get(name="美团")
    town.rider.worker.save()
    digits = proof(town, shown=Shown(name=False, digits=True, platform=True))
    assert digits.whose == f"尾号 {town.rider.phone[-4:]} · 美团"
    page = text_of(visit(None).get(digits.get_absolute_url()))
    assert town.rider.display_name not in page
    nobody = visit(town.rider).post(NEW, filled(town, shows_name=""))
    assert nobody.status_code == 400
    assert "至少写一样" in text_of(nobody)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proof.objects.filter(pk=digits.pk).update(shown_digits="")


def test_the_place_finds_the_grid_and_is_not_stored(visit, town):
    visit(town.rider).post(
        NEW, filled(town, grid="", latitude="46.5451", longitude="124.9451", accuracy="9")
    )
    made = Proof.objects.get()
    assert made.grid == town.six
    assert "46.545" not in str(Proof.objects.values().get())
    assert "46.545" not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"category": ""}, "点一下在帮什么"),
        ({"category": "\0"}, "没有这一样"),
        ({"reference": "长" * 41}, "40"),
        ({"submission_key": "x"}, "过期了"),
        ({"latitude": "31.2", "longitude": "121.5"}, "像在别的城市"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(visit, town, fields, words):
    answer = visit(town.rider).post(NEW, filled(town, **fields))
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert not Proof.objects.exists()


def test_only_registered_people_say_so(visit, town):
    for user in (town.stranger, town.staff):
        assert visit(user).get(NEW).status_code == 403
        assert visit(user).post(NEW, filled(town)).status_code == 403
    assert visit(None).get(NEW).status_code == 302
    with pytest.raises(NotAllowedNowError, match="登记过"):
        proof(town, by=town.stranger)


def test_sent_twice_it_is_one(visit, town):
    client, sent = visit(town.rider), filled(town)
    first, again = (client.post(NEW, sent) for _ in range(2))
    assert first.url == again.url
    assert Proof.objects.count() == 1
    other = neighbour(town)
    refused = visit(other).post(NEW, sent)
    assert refused.status_code == 409
    assert "另一个账号" in text_of(refused)


def test_two_times_stand_on_it_where_they_differ(visit, town):
    now = timezone.now()
    made = proof(town, written_at=now - timedelta(minutes=15))
    page = text_of(visit(None).get(made.get_absolute_url()))
    assert "手机记下" in page
    assert "网站收到" in page
    same = proof(town, written_at=now)
    assert "手机记下" not in text_of(visit(None).get(same.get_absolute_url()))


def test_three_a_day_and_deleting_gives_none_back(visit, town, monkeypatch):
    made = [proof(town) for _ in range(A_DAY)]
    proofs.delete(made[0], by=town.rider)
    with pytest.raises(NotAllowedNowError, match="已经记了 3 次"):
        proof(town)
    refused = visit(town.rider).post(NEW, filled(town))
    assert refused.status_code == 409
    assert "今天不能再记" in text_of(refused)
    # What was sent before leads to its page, also on a full day.
    again = proofs.register(
        by=town.rider, submission_key=made[1].submission_key, what="fire", shown=Shown()
    )
    assert again == made[1]
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    assert proof(town)


# --- races ----------------------------------------------------------------------------------


def many_at_once(town, monkeypatch):
    """Two more at the same instant where one is left."""
    for _ in range(A_DAY - 1):
        proof(town)
    meet(monkeypatch, proofs, "_refuse_many", after=True)
    return at_once(lambda: proof(town))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_fourth_is_refused(town, monkeypatch):
    results = many_at_once(town, monkeypatch)
    assert sorted(type(one).__name__ for one in results) == ["NotAllowedNowError", "Proof"]
    assert Proof.objects.count() == A_DAY


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_there_would_be_four(town, monkeypatch):
    without_row_locks(monkeypatch)
    many_at_once(town, monkeypatch)
    assert Proof.objects.count() == A_DAY + 1


def both_look(town, monkeypatch):
    made = proof(town)
    meet(monkeypatch, locked_transitions, "lock_row")
    return at_once(lambda: proofs.confirm(made, by=town.staff, against="received", case="YH1"))


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_are_one_and_one_answer(town, monkeypatch):
    results = both_look(town, monkeypatch)
    assert sorted(type(one).__name__ for one in results) == ["NotAllowedNowError", "Proof"]
    (refused,) = [one for one in results if isinstance(one, NotAllowedNowError)]
    assert refused.message.startswith("已被他人处理")


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_have_confirmed(town, monkeypatch):
    without_row_locks(monkeypatch)
    assert [type(one).__name__ for one in both_look(town, monkeypatch)] == ["Proof", "Proof"]


# --- what staff make of it ------------------------------------------------------------------


def test_staff_confirm_with_a_case_or_a_unit_and_everybody_reads_it(visit, town):
    made = proof(town, reference="YH20261128-0001")
    client = visit(town.staff)
    assert made.get_what_display() in text_of(client.get(WAITING))
    address, prefix = reverse("workers:proof-confirm", args=[made.number]), f"p{made.pk}-"
    empty = client.post(address, {f"{prefix}against": "received"})
    assert empty.status_code == 400
    assert "写上隐患编号" in text_of(empty)
    sent = {f"{prefix}against": "witness", f"{prefix}unit": "八百垧分局派出所"}
    assert client.post(address, sent).status_code == 302
    page = text_of(visit(None).get(made.get_absolute_url()))
    for words in ("社区已核实", "八百垧分局派出所", "谢谢你", "在场的人或单位说的"):
        assert words in page
    assert town.staff.display_name not in page
    assert Notice.objects.get(recipient=town.rider).kind == "workers.proof_confirmed"
    assert made.number not in text_of(visit(town.staff).get(WAITING))
    late = visit(town.staff).post(address, sent, follow=True)
    assert "已被他人处理" in text_of(late)


def test_what_could_not_be_found_out_says_so_and_may_turn_out_later(visit, town):
    made = proof(town)
    visit(town.staff).post(reverse("workers:proof-decline", args=[made.number]))
    assert "社区没有核实" in text_of(visit(None).get(made.get_absolute_url()))
    proofs.confirm(made, by=town.staff, against="witness", unit="消防站")
    assert Proof.objects.get().state == State.CONFIRMED
    with pytest.raises(NotAllowedNowError, match="已被他人处理"):
        proofs.decline(made, by=town.staff)


def test_nobody_confirms_elsewhere_or_their_own(visit, town):
    made = proof(town)
    for user in (town.other_staff, town.officer, town.grid_worker, town.rider):
        with pytest.raises(NotAllowedNowError, match="不归你核实"):
            proofs.confirm(made, by=user, against="received", case="YH1")
    confirm = reverse("workers:proof-confirm", args=[made.number])
    assert visit(town.other_staff).post(confirm).status_code == 404
    assert visit(town.rider).post(confirm).status_code == 403
    Proof.objects.update(rider=town.staff)
    made.refresh_from_db()
    with pytest.raises(NotAllowedNowError, match="不归你核实"):
        proofs.confirm(made, by=town.staff, against="received", case="YH1")
    assert made.number not in text_of(visit(town.staff).get(WAITING))


def test_the_database_refuses_a_confirmation_by_nothing(town):
    made = proof(town)
    for fields in (
        {"state": "confirmed", "looked_at": timezone.now()},
        {"state": "confirmed", "looked_at": timezone.now(), "against": "received"},
        {"state": "declined"},
        {"looked_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proof.objects.filter(pk=made.pk).update(**fields)


# --- whose it is ----------------------------------------------------------------------------


def test_a_stranger_has_the_public_page_and_no_other(visit, town):
    made = confirmed(town)
    assert visit(None).get(f"/proofs/{made.number.lower()}/").status_code == 200
    assert visit(None).get("/proofs/AAAAAAAAAA/").status_code == 404
    assert visit(town.stranger).get(made.get_own_url()).status_code == 404
    delete = reverse("workers:proof-delete", args=[made.number])
    assert visit(town.stranger).post(delete).status_code == 404
    assert visit(town.staff).post(delete).status_code == 404
    with pytest.raises(NotAllowedNowError, match="不是你的"):
        proofs.delete(made, by=town.staff)


def test_the_rider_deletes_it_and_its_number_opens_nothing(visit, town):
    made = confirmed(town)
    client = visit(town.rider)
    assert made.number in text_of(client.get(made.get_own_url()))
    client.post(reverse("workers:proof-delete", args=[made.number]))
    assert visit(None).get(made.get_absolute_url()).status_code == 404


def test_numbers_cannot_be_counted_up(town):
    one, two = proof(town), proof(town)
    assert re.fullmatch(r"[A-Z2-9]{10}", one.number)
    assert one.number[:4] != two.number[:4]


def test_gets_change_nothing(visit, town):
    made = proof(town)
    for _ in range(3):
        visit(None).get(made.get_absolute_url())
        visit(town.rider).get(made.get_own_url())
    assert Proof.objects.get().state == State.REGISTERED


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_number_of_questions(visit, town, count, django_assert_max_num_queries):
    for _ in range(count):
        proof(town)
    for user, page in ((town.staff, WAITING), (town.rider, MINE)):
        client = visit(user)
        client.get(page)
        with django_assert_max_num_queries(7):
            client.get(page)


@pytest.mark.parametrize("odd", ["‮倒着写", "\ufffe", "😀" * 20, "<b>{{ x }}</b>", "a\x00b"])
def test_odd_words_do_no_harm(visit, town, odd):
    answer = visit(town.rider).post(NEW, filled(town, reference=odd))
    assert answer.status_code == 302
    assert visit(town.rider).get(answer.url).status_code == 200


def test_a_deactivated_rider_says_nothing(town):
    user = UserFactory()
    neighbour(town)
    people.deactivate(user, by=town.admin)
    with pytest.raises(NotAllowedNowError, match="停用"):
        proof(town, by=user)
