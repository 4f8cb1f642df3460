"""The audit trail: who, what, in which capacity, and nothing that should stay secret."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from yuanhang.core import audit
from yuanhang.core.models import AuditEvent


def test_who_did_what_to_which_thing_is_written_down(town):
    audit.record(
        "stations.close",
        town.station,
        by=town.staff,
        role="community_staff",
        parent=town.community,
        changes={"state": ["open", "closed"]},
    )
    event = AuditEvent.objects.get()
    assert (event.kind, event.target_type, event.target_id) == (
        "stations.close",
        "stations.station",
        str(town.station.pk),
    )
    assert (event.parent_type, event.parent_id) == (
        "stations.community",
        str(town.community.pk),
    )
    assert (event.actor_id, event.actor_role) == (town.staff.pk, "community_staff")
    assert event.changes == {"state": ["open", "closed"]}
    assert str(event) == f"第 {event.pk} 条"


@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_guests_and_the_system_have_no_account_in_the_trail(town, nobody):
    event = audit.record("stations.touch", town.station, by=nobody)
    assert (event.actor_id, event.actor_role) == (None, "system")


def test_a_person_without_a_named_role_is_a_user(town):
    assert audit.record("stations.touch", town.station, by=town.rider).actor_role == "user"


def test_an_event_may_be_about_nothing_in_particular(db):
    event = audit.record("desk.export", None)
    assert (event.target_type, event.target_id, event.parent_type, event.changes) == (
        "",
        "",
        "",
        {},
    )


def test_secrets_and_personal_values_are_masked_and_the_rest_is_not(town):
    changes = {
        "password": "correct-horse-91",
        "Password1": "correct-horse-91",
        "receipt_token": "abcdef",
        "receipt_code": "123456",
        "secret": ["a", "b"],
        "submission_key": "k",
        "guest_phone": "10000010001",
        "phone": ["10000010001", "10000010002"],
        "display_name": "骑手甲",
        "state": "accepted",
        "fields": ["job"],
        "count": 3,
    }
    stored = audit.record("core.test", town.rider, changes=changes)
    stored.refresh_from_db()
    assert stored.changes == dict.fromkeys(changes, "***") | {
        "state": "accepted",
        "fields": ["job"],
        "count": 3,
    }


def test_an_empty_secret_shows_as_empty_so_that_erasing_is_seen(town):
    stored = audit.record("core.test", town.rider, changes={"phone": "", "token": None})
    assert stored.changes == {"phone": "", "token": None}


def test_the_callers_mapping_is_left_alone(town):
    changes = {"phone": "10000010001"}
    audit.record("core.test", town.rider, changes=changes)
    assert changes == {"phone": "10000010001"}


def test_a_rollback_takes_the_event_with_it(town):
    def fail_after_recording():
        with transaction.atomic():
            audit.record("core.test", town.rider)
            assert AuditEvent.objects.count() == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_recording()
    assert not AuditEvent.objects.exists()
