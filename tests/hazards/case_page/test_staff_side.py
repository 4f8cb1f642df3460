"""What those in charge see beside a case: the standard, the promise, the unit, the other report."""

import pytest

from hazards.cases import cases
from hazards.cases.models.hazards import Hazard
from hazards.cases.standards import offered_standards, suggested_standard
from hazards.catalogue.models import StandardCase
from stations.postings.models import Organisation
from tests.factories.hazards import advance, report, standard
from yuanhang.core import geo

POINT = geo.Point(46.545, 124.945, 12.0, "wgs84")


@pytest.fixture
def case(town):
    return report(town.six, by=town.rider, point=POINT, place="南六街与外环路口")


@pytest.fixture
def alone(case):
    """The one standard that fits the case."""
    StandardCase.categories.through.objects.all().delete()
    standard().categories.set([case.category])
    return standard()


@pytest.fixture
def unit(town):
    """Who repairs what falls under that standard."""
    town.organisation.phone = "10000000301"
    town.organisation.save()
    standard().organisations.add(town.organisation)
    return town.organisation


def read(visit, user, case):
    return " ".join(visit(user).get(case.get_absolute_url()).content.decode().split())


# --- the standard, and what it promises -------------------------------------------------------


def test_the_one_fitting_standard_is_chosen_and_its_promise_is_read(visit, town, case, alone):
    page = read(visit, town.grid_worker, case)
    assert f'<option value="{alone.pk}" selected>' in page
    assert page.index("这一类的") < page.index("别的")
    promised = page[page.index('class="calm-box foretold"') :]
    assert "围护" in promised
    assert "修好（2 紧急工作时）" in promised
    assert "点「受理」，上报人会看到" in promised
    assert promised.index("我们受理了") < promised.index('class="case-bar"')


def test_the_promise_is_the_one_that_is_kept(visit, town, case, alone):
    shown = visit(town.grid_worker).get(case.get_absolute_url()).context
    moved = cases.accept(case, by=town.grid_worker, standard_case=alone, urgency=case.urgency)
    promised = shown["promised"]
    for name in ("secure_due_at", "fix_due_at"):
        assert abs((getattr(promised, name) - getattr(moved, name)).total_seconds()) < 60
    notice = town.rider.notices.get(kind="hazards.accept")
    assert shown["promised_told"] == (notice.title, notice.body)
    # Reading it changed nothing.
    assert Hazard.objects.filter(state="accepted").count() == 1
    assert town.rider.notices.count() == 1


def test_where_several_fit_none_is_guessed(town, case):
    assert suggested_standard(case) is None
    offered = list(offered_standards(case))
    assert [row.fits for row in offered] == sorted((row.fits for row in offered), reverse=True)


def test_another_standard_is_foretold_with_its_due_times_and_unit(visit, town, case, unit):
    data = {"standard_case": standard().pk, "urgency": 2, "preview": "1"}
    page = visit(town.grid_worker).post(f"{case.get_absolute_url()}accept/", data)
    text = " ".join(page.content.decode().split())
    assert page.status_code == 200
    assert "修好（2 紧急工作时）" in text[text.index("foretold") :]
    assert "tel:10000000301" in text
    assert Hazard.objects.get().state == "submitted"


def test_a_guest_without_telephone_reads_nothing_and_so_it_is_said(visit, town, alone):
    page = read(visit, town.grid_worker, report(town.six))
    assert "上报人收不到通知，在回执上能看到" in page


# --- whom to call ---------------------------------------------------------------------------


def test_the_unit_of_the_standard_stands_with_its_telephone(visit, town, case, unit):
    for state in ("submitted", "accepted"):
        if state == "accepted":
            case = advance(case, "accepted", reviewer=town.grid_worker)
        page = read(visit, town.grid_worker, case)
        assert "按标准归" in page
        assert f"<h2>{unit}</h2>" in page
        assert 'href="tel:10000000301"' in page
    # Whoever reported it is not sent to call units.
    assert "10000000301" not in read(visit, town.rider, case)


def test_a_unit_of_another_subdistrict_is_nobodys_help(visit, town, case):
    town.organisation.is_active = False
    town.organisation.save()
    standard().organisations.add(town.organisation)
    assert "按标准归" not in read(visit, town.grid_worker, case)
    assert Organisation.objects.filter(standard_cases=standard()).exists()


def test_the_text_for_the_unit_is_there_to_be_marked(visit, town, case):
    page = visit(town.grid_worker).get(case.get_absolute_url()).content.decode()
    text = page[page.index('id="repair-text"') :].split("</textarea>")[0]
    assert "南六街与外环路口" in text
    assert "GCJ-02 46.546762, 124.951497" in text
    assert town.rider.phone not in text
    assert town.rider.display_name not in text
    button = page[page.index('data-copies="repair-text"') :].split(">")[0]
    assert button.split()[-1] == "hidden"


def test_a_small_map_is_drawn(visit, town, case):
    assert 'class="place-drawing"' in read(visit, town.grid_worker, case)


def test_who_handed_it_up_stands_on_the_sheet_with_their_telephone(visit, town, case):
    case = advance(case, "accepted", reviewer=town.grid_worker)
    url = f"{case.get_absolute_url()}handover/"
    draft = visit(town.staff).get(url).content.decode()
    assert town.staff.phone in draft
    cases.escalate(case, by=town.grid_worker)
    sheet = " ".join(visit(town.officer).get(url).content.decode().split())
    who = f"<bdi>{town.grid_worker.display_name}</bdi> {town.grid_worker.phone}"
    assert f"交办人 {who}" in sheet
    # Not in the text that goes into a group.
    text = sheet[sheet.index('id="sheet-text"') :].split("</textarea>")[0]
    assert town.grid_worker.phone not in text


# --- is it the same? ------------------------------------------------------------------------


def test_both_reports_stand_side_by_side_before_they_are_merged(visit, town, case):
    other = report(town.six, description="井盖响", point=POINT, place="南六街")
    client = visit(town.grid_worker)
    url = f"{other.get_absolute_url()}compare/{case.number}/"
    assert url in client.get(other.get_absolute_url()).content.decode()
    page = client.get(url).content.decode()
    for words in ("井盖响", case.description, "南六街与外环路口", "两个位置一样"):
        assert words in page
    assert f'action="{other.get_absolute_url()}merge/"' in page
    done = client.post(f"{other.get_absolute_url()}merge/", {"main": case.number})
    assert done.status_code == 302
    assert Hazard.objects.get(pk=other.pk).main == case
    assert "现在不能并" in client.get(url).content.decode()


def test_only_cases_that_one_may_open_are_compared(visit, town, case):
    far = report(town.far, point=POINT)
    client = visit(town.grid_worker)
    assert client.get(f"{case.get_absolute_url()}compare/{far.number}/").status_code == 404
    assert client.get(f"{case.get_absolute_url()}compare/{case.number}/").status_code == 404
    assert client.get(f"{case.get_absolute_url()}compare/YH20200101-0001/").status_code == 404
