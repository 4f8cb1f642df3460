"""In the admin, too, a photo that was sent well outlives a refusal, for its sender alone."""

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.utils import timezone

from tests import media
from tests.factories.volunteers import ActivityFactory
from tests.factories.workers import UserFactory, post
from tests.volunteers.activities.admin_help import LIST, change, fields_of, on
from volunteers.activities.models.activities import Activity, ActivityBanner
from volunteers.searches.models import SearchNotice
from yuanhang.core.uploads.fields import FilesField
from yuanhang.core.uploads.models import DraftUpload

SEARCHES = "/admin/volunteers/searchnotice/"
HALF_A_POINT = {"latitude": "46.5", "longitude": ""}


def photo(width=64):
    return SimpleUploadedFile("a.jpg", media.jpeg(width, 48), "image/jpeg")


@pytest.fixture
def activity(town):
    return ActivityFactory(community=town.community, organiser=town.staff, title="大集疏导")


@pytest.fixture
def colleague(town):
    """Another member of the same staff."""
    user = UserFactory(is_staff=True)
    post(user, "community_staff", town.community)
    return user


def test_a_banner_is_kept_when_another_field_is_refused(town, visit, activity):
    client = visit(town.staff)
    refused = change(client, on(activity), banner=photo(), **HALF_A_POINT)
    page = refused.content.decode()
    assert refused.status_code == 200
    assert "已收好 1 张照片" in page
    assert DraftUpload.objects.get().owner == town.staff
    assert client.post(on(activity), fields_of(refused) | {"latitude": ""}).status_code == 302
    assert ActivityBanner.objects.get().width == 64


def test_so_it_is_with_a_new_activity(town, visit):
    client = visit(town.staff)
    fields = fields_of(client.get(f"{LIST}add/"))
    fields |= {"kind": "exchange", "title": "茶话会", "place": "驿站"}
    fields |= {"community": town.community.pk, "latitude": "46.5"}
    fields["sessions-TOTAL_FORMS"] = "0"
    refused = client.post(f"{LIST}add/", fields | {"banner": photo()})
    assert refused.status_code == 200
    again = fields_of(refused) | {"latitude": ""}
    answer = client.post(f"{LIST}add/", again)
    assert answer.status_code == 302, answer.context["errors"]
    assert Activity.objects.get().banner.width == 64


def test_the_stored_banner_and_the_tick_outlive_a_refusal(town, visit, activity):
    client = visit(town.staff)
    change(client, on(activity), banner=photo())
    refused = change(client, on(activity), **HALF_A_POINT, **{"banner-clear": "on"})
    page = refused.content.decode()
    assert "现在的封面" in page
    assert fields_of(refused)["banner-clear"] == ""
    assert ActivityBanner.objects.exists()
    # Saved without a word about it, it stays; with the tick, it goes.
    assert change(client, on(activity)).status_code == 302
    assert ActivityBanner.objects.exists()
    assert change(client, on(activity), **{"banner-clear": "on"}).status_code == 302
    assert not ActivityBanner.objects.exists()


def test_nobody_else_gets_at_a_kept_banner(town, visit, activity, colleague):
    refused = change(visit(town.staff), on(activity), banner=photo(), **HALF_A_POINT)
    key = fields_of(refused)["banner_kept"]
    for user in (colleague, town.admin):
        answer = change(visit(user), on(activity), banner_kept=key)
        assert "放久了" in answer.content.decode()
    assert not ActivityBanner.objects.exists()


def search_fields(town, **changes):
    moment = timezone.localtime()
    fields = {"community": town.community.pk, "name": "张大爷", "last_seen_place": "大集"}
    fields |= {"last_seen_at_0": f"{moment:%Y-%m-%d}", "last_seen_at_1": "00:00:00"}
    return fields | {"text": "蓝棉袄", "datum": "wgs84"} | changes


def test_the_picture_of_a_missing_person_is_its_senders_alone(town, visit, colleague):
    client = visit(town.staff)
    sent = search_fields(town, picture=photo(), latitude="46.5")
    refused = client.post(f"{SEARCHES}add/", sent)
    assert refused.status_code == 200
    assert DraftUpload.objects.get().owner == town.staff
    key = fields_of(refused)["picture_kept"]
    for user in (colleague, town.other_staff):
        answer = visit(user).post(f"{SEARCHES}add/", search_fields(town, picture_kept=key))
        assert "放久了" in answer.content.decode()
    assert not SearchNotice.objects.exists()
    sent = search_fields(town, picture_kept=key)
    answer = visit(town.staff).post(f"{SEARCHES}add/", sent)
    assert answer.status_code == 302, answer.context["errors"]
    assert SearchNotice.objects.get().photo.width == 64


def test_every_form_of_the_admin_knows_who_sends_its_files(town):
    request = RequestFactory().get("/")
    request.user = town.admin
    found = set()
    for model, one in admin.site._registry.items():
        if not hasattr(one, "scoped"):
            continue
        form = one.get_form(request)()
        for name, item in form.fields.items():
            if isinstance(item, FilesField):
                assert item.owner == town.admin, (model, name)
                found.add(name)
    assert found == {"banner", "picture"}
