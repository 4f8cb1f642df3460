"""The floor's rows: phones and names as people type them, and what the database refuses."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories.stations import LandmarkFactory
from tests.factories.workers import UserFactory
from yuanhang.core import audit
from yuanhang.core.models import AuditEvent, User, normalise_phone, validate_name
from yuanhang.core.outbox.models import Delivery, Notice

SPELLINGS = [
    "10000010001",
    " 100 0001 0001 ",
    "100-0001-0001",
    "(100)00010001",
    "１０００００１０００１",
    "+8610000010001",
    "+86 100 0001 0001",
    "＋８６１０００００１０００１",
    "8610000010001",
    "008610000010001",
    "100\u30000001\t0001",
]
NO_PHONES = [
    "",
    None,
    "1000001000",
    "100000100011",
    "20000010001",
    "+110000010001",
    "86861000001000",
    "10000010001a",
    "١٠٠٠٠٠١٠٠٠١",
    "10000010001,10000010002",
]


def refused(constraint):
    """The database refuses, in a savepoint of its own, and names the constraint."""
    return _Refused(constraint)


class _Refused:
    def __init__(self, constraint):
        self.constraint = constraint
        self.raises = pytest.raises(IntegrityError, match=f'"{constraint}"')
        self.savepoint = transaction.atomic()

    def __enter__(self):
        self.raises.__enter__()
        self.savepoint.__enter__()

    def __exit__(self, *error):
        self.savepoint.__exit__(*error)
        return self.raises.__exit__(*error)


def notice(recipient=None, key="k"):
    return Notice.objects.create(recipient=recipient, key=key, kind="core.test", title="题")


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_phone_is_eleven_digits_however_it_is_typed(text):
    assert normalise_phone(text) == "10000010001"


@pytest.mark.parametrize("text", NO_PHONES)
def test_what_is_no_mobile_number_is_refused_in_chinese(text):
    with pytest.raises(ValidationError, match="请填 11 位手机号。"):
        normalise_phone(text)


@given(st.text(max_size=30))
@example("+86")
@example("86" * 6)
def test_any_text_is_either_eleven_digits_or_refused(text):
    try:
        phone = normalise_phone(text)
    except ValidationError:
        return
    assert len(phone) == 11
    assert phone.isascii()
    assert phone.isdecimal()
    assert phone[0] == "1"
    assert normalise_phone(phone) == phone


@pytest.mark.parametrize(
    "name",
    [
        "骑手甲（演示）",
        "阿卜杜·热西提",
        "𠮷田",
        "小哥🛵",
        "O'Neill",
        "नमस्ते",
        "长" * 60,
        "",
    ],
)
def test_any_script_is_a_name(name):
    validate_name(name)
    user = User(phone="10000010001", display_name=name, password="!")
    user.clean_fields(exclude=["last_login"])


@pytest.mark.parametrize("letter", ["\x00", "\n", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"])
def test_control_characters_are_no_name(letter):
    with pytest.raises(ValidationError, match="不能显示的字符"):
        validate_name(f"骑手{letter}甲")


def test_a_name_may_have_fifty_characters_but_not_a_novel():
    user = User(phone="10000010001", password="!", display_name="长" * 61)
    with pytest.raises(ValidationError) as error:
        user.clean_fields(exclude=["last_login"])
    assert set(error.value.message_dict) == {"display_name"}


@pytest.mark.django_db
def test_a_user_is_made_and_found_by_any_spelling_of_the_phone():
    user = User.objects.create_user("+86 100-0001-0001", "correct-horse-91", display_name="甲")
    assert (user.phone, user.is_staff, user.is_superuser) == ("10000010001", False, False)
    assert user.check_password("correct-horse-91")
    for text in SPELLINGS:
        assert User.objects.get_by_natural_key(text) == user
    for text in ("10000010002", *NO_PHONES):
        with pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(text)


@pytest.mark.django_db
def test_an_administrator_is_made_by_phone():
    boss = User.objects.create_superuser("100 0001 0002", "correct-horse-91")
    assert (boss.phone, boss.is_staff, boss.is_superuser) == ("10000010002", True, True)


@pytest.mark.django_db
def test_a_user_without_a_phone_is_not_made():
    with pytest.raises(ValidationError):
        User.objects.create_user("no phone", "correct-horse-91")
    assert not User.objects.exists()


def test_a_person_is_shown_by_name_and_without_one_by_half_a_phone():
    assert str(User(phone="10000010001", display_name="骑手甲")) == "骑手甲"
    assert str(User(phone="10000010001")) == "100****0001"
    assert User(phone="10000010001").get_short_name() == "100****0001"


def test_cleaning_brings_the_phone_into_one_spelling():
    user = User(phone="+86 100-0001-0001")
    user.clean()
    assert user.phone == "10000010001"


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["", "1000001000", "20000010001", "1000001000a", "１0000010001"])
def test_the_database_takes_no_other_phone(phone):
    with refused("user_phone_is_mobile"):
        User.objects.create(phone=phone)
    user = UserFactory()
    with refused("user_phone_is_mobile"):
        User.objects.filter(pk=user.pk).update(phone=phone)


@pytest.mark.django_db
def test_two_people_never_share_a_phone():
    user = UserFactory()
    with refused("yuanhang_user_phone_key"):
        User.objects.create(phone=user.phone)


@pytest.mark.django_db
def test_a_notice_is_stored_once_per_person_and_key():
    rider, stranger = UserFactory(), UserFactory()
    notice(rider)
    notice(rider, "another")
    notice(stranger)
    with refused("notice_once"):
        notice(rider)


@pytest.mark.django_db
def test_a_notice_to_nobodys_account_is_stored_once_per_key_too():
    notice(None)
    notice(None, "another")
    with refused("notice_once"):
        notice(None)


@pytest.mark.django_db
def test_a_notice_leaves_once_by_each_channel():
    told = notice()
    Delivery.objects.create(notice=told, channel="sms")
    Delivery.objects.create(notice=told, channel="wecom")
    with refused("delivery_once"):
        Delivery.objects.create(notice=told, channel="sms")


@pytest.mark.django_db
def test_what_was_sent_has_a_time_and_nothing_else_has_one():
    told = notice()
    with refused("delivery_sent_has_time"):
        Delivery.objects.create(notice=told, channel="sms", state=Delivery.State.SENT)
    for state in (Delivery.State.PENDING, Delivery.State.SENDING, Delivery.State.FAILED):
        with refused("delivery_sent_has_time"):
            Delivery.objects.create(notice=told, channel="sms", state=state, sent_at=timezone.now())
    Delivery.objects.create(
        notice=told, channel="sms", state=Delivery.State.SENT, sent_at=timezone.now()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (46.5, None),
        (None, 124.9),
        (90.001, 124.9),
        (-90.001, 124.9),
        (46.5, 180.001),
        (46.5, -180.001),
        (float("nan"), 124.9),
        (46.5, float("inf")),
    ],
)
def test_a_place_has_both_coordinates_or_none_and_lies_on_the_globe(latitude, longitude):
    with refused("landmark_point"):
        LandmarkFactory(latitude=latitude, longitude=longitude)


@pytest.mark.django_db
def test_a_place_may_have_no_point_or_lie_on_the_rim():
    assert not LandmarkFactory(latitude=None, longitude=None).has_point
    for latitude, longitude in [(90, 180), (-90, -180), (0, 0)]:
        assert LandmarkFactory(latitude=latitude, longitude=longitude).has_point


@pytest.mark.django_db
def test_the_trail_is_never_changed_and_outlives_its_subject():
    rider = UserFactory()
    event = audit.record("core.test", rider, by=rider)
    event.kind = "core.other"
    with pytest.raises(TypeError, match="never changed"):
        event.save()
    with pytest.raises(TypeError, match="never changed"):
        AuditEvent.objects.get(pk=event.pk).save(update_fields=["kind"])
    with pytest.raises(TypeError, match="never deleted"):
        event.delete()
    pk = rider.pk
    rider.delete()
    kept = AuditEvent.objects.get()
    assert (kept.kind, kept.target_id, kept.actor_id) == ("core.test", str(pk), pk)


@pytest.mark.django_db
def test_notices_are_seen_by_their_recipient_alone():
    rider, stranger = UserFactory(), UserFactory()
    mine, guests = notice(rider), notice(None)
    Notice.objects.filter(pk=mine.pk).update(read_at=timezone.now() - timedelta(days=1))
    unread = notice(rider, "another")
    assert set(Notice.objects.visible_to(rider)) == {mine, unread}
    assert set(Notice.objects.visible_to(stranger)) == set()
    assert set(Notice.objects.visible_to(AnonymousUser())) == set()
    assert set(Notice.objects.unread()) == {unread, guests}
