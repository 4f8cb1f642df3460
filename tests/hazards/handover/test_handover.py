"""The hand-over sheet: complete, frozen, nobody's name on it, one page; and the Excel export."""

import io
import uuid

import pytest
from openpyxl import load_workbook

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from hazards.cases.states import State
from tests import media
from tests.factories.hazards import advance, into, report, standard, stored_photo
from tests.factories.stations import LandmarkFactory
from yuanhang.core import geo
from yuanhang.core.models import AuditEvent

NAME, PHONE = "路人甲（演示）", "10000019999"


@pytest.fixture
def case(town):
    """A case with everything, handed up."""
    LandmarkFactory(
        community=town.community, name="外环路公交站", latitude=46.546, longitude=124.946
    )
    hazard = report(
        town.six,
        by=town.rider,
        place="南六街与外环路口",
        point=geo.Point(46.545, 124.945, 12.0, "wgs84"),
        contact_name=NAME,
        contact_phone=PHONE,
        attachments=Attachments(photos=[stored_photo(media.jpeg(64, 48))]),
    )
    return advance(hazard, "escalated", reviewer=town.grid_worker)


def sheet(visit, user, hazard):
    return visit(user).get(f"{hazard.get_absolute_url()}handover/")


def test_nothing_has_to_be_typed_again(case, town, visit):
    for user in (town.grid_worker, town.staff, town.officer, town.admin):
        page = sheet(visit, user, case).content.decode()
        wanted = [
            case.number,
            "部件 0102 污水井盖",
            standard().scheme,
            standard().version,
            standard().open_condition,
            standard().close_condition,
            "2 紧急工作时",
            "南六街与外环路口",
            "46.545, 124.945",
            "46.546762, 124.951497",
            "外环路公交站",
            "井盖翘起来了",
            "<svg",
            f"photos/{case.photos.get().pk}/full/",
        ]
        assert [text for text in wanted if text not in page] == []


def test_the_reporter_is_on_it_only_by_their_own_consent(case, town, visit):
    page = sheet(visit, town.officer, case).content.decode()
    people = (NAME, PHONE, town.rider.display_name, town.rider.phone)
    assert [text for text in people if text in page] == []
    asked = report(town.six, contact_name=NAME, contact_phone=PHONE, shares_contact=True)
    asked = advance(asked, "escalated", reviewer=town.grid_worker)
    page = sheet(visit, town.officer, asked).content.decode()
    assert NAME in page
    text = page[page.index("sheet-text") :]
    assert PHONE not in text  # what goes to a chat group never names anybody


def test_it_stays_as_it_was_when_handed_up(case, town, visit):
    Hazard.objects.filter(pk=case.pk).update(place="改掉的地方", description="改掉的话")
    page = sheet(visit, town.officer, case).content.decode()
    assert "改掉的话" not in page
    assert page.count("南六街与外环路口") >= 2
    cases.dispatch(case, by=town.officer, organisation=town.organisation)
    assert "已派给" not in sheet(visit, town.officer, case).content.decode()


def test_before_it_is_handed_up_it_says_so_and_strangers_see_none(town, visit):
    hazard = advance(report(town.six, by=town.rider), "accepted", reviewer=town.grid_worker)
    assert "草稿，还没上报街道" in sheet(visit, town.grid_worker, hazard).content.decode()
    assert sheet(visit, town.rider, hazard).status_code == 403
    assert sheet(visit, town.stranger, hazard).status_code == 404


def test_the_export_has_one_row_a_case_of_the_filtered_queue(case, town, visit):
    report(town.six, description="=1+1", category="ice", contact_phone=PHONE)
    report(town.far)
    client = visit(town.grid_worker)
    response = client.get("/hazards/queue/export/?tab=all")
    assert "no-store" in response["Cache-Control"]
    rows = list(load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert len(rows) == 3
    assert rows[0][0] == "编号"
    by_number = {row[0]: row for row in rows[1:]}
    assert by_number[case.number][9:13] == (46.545, 124.945, 46.546762, 124.951497)
    assert PHONE not in str(rows)
    assert town.rider.display_name not in str(rows)
    narrowed = client.get("/hazards/queue/export/?tab=all&category=ice").content
    sheet = load_workbook(io.BytesIO(narrowed)).active
    assert (sheet.max_row, sheet["H2"].value, sheet["H2"].data_type) == (2, "=1+1", "s")
    events = AuditEvent.objects.filter(kind="hazards.exported")
    assert [event.actor_id for event in events] == [town.grid_worker.pk] * 2


def test_the_export_costs_the_same_for_one_case_and_for_fifty(
    town, visit, django_assert_num_queries
):
    client = visit(town.grid_worker)
    for count in (1, 50):
        for _ in range(count):
            report(town.six, submission_key=uuid.uuid4())
        with django_assert_num_queries(5):
            client.get("/hazards/queue/export/?tab=all")


def test_a_case_closed_long_ago_still_has_its_sheet(town, visit):
    hazard = into(report(town.six), State.CLOSED, town)
    assert sheet(visit, town.officer, hazard).status_code == 200
