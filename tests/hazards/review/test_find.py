"""The search in the queue's head: words, numbers, and telephones that stand in no address."""

import re
from html import unescape

import pytest

from hazards.review.search import asked_phone
from tests.factories.hazards import report
from tests.hazards.review.queue_help import URL, listed
from yuanhang.core.models import AuditEvent

FIND = f"{URL}find/"
PHONE = "10000019999"


def found(client, text):
    """What the search leads to: (address, descriptions)."""
    response = client.post(FIND, {"find": text}, follow=True)
    address = response.redirect_chain[-1][0]
    return address, set(listed(response))


@pytest.fixture
def cases_of_people(town):
    """One case by a telephone, one by an account, one elsewhere, one by nobody."""
    report(town.six, description="by phone", contact_phone=PHONE)
    report(town.six, by=town.rider, description="by account")
    report(town.far, description="elsewhere", contact_phone=PHONE)
    return report(town.six, description="nobody's", place="商服一条街")


def test_the_search_stands_in_the_head_and_works_without_scripts(queue, town):
    page = queue("grid_worker").content.decode()
    tag = re.search(r'<form[^>]*class="find"[^>]*>', page)[0]
    assert f'action="{FIND}"' in tag
    assert 'method="post"' in tag
    assert re.search(r'<input type="search" name="find"[^>]*id="find"', page)


def test_words_and_numbers_are_looked_for_everywhere(visit, town, cases_of_people):
    client, case = visit(town.grid_worker), cases_of_people
    address, rows = found(client, "商服")
    assert (address, rows) == ("/hazards/queue/?tab=all&q=%E5%95%86%E6%9C%8D", {"nobody's"})
    assert found(client, case.number)[1] == {"nobody's"}
    assert found(client, case.number.lower())[1] == {"nobody's"}
    assert found(client, "  ")[0] == URL


@pytest.mark.parametrize(
    "text", [PHONE, "100 0001 9999", "+86 10000019999", "１０００００１９９９９", "19999"]
)
def test_a_telephone_finds_its_cases_and_stands_nowhere(visit, town, cases_of_people, text):
    client = visit(town.grid_worker)
    response = client.post(FIND, {"find": text})
    assert response["Location"] == f"{URL}?tab=all&by_phone=1"
    page = client.get(response["Location"])
    assert set(listed(page)) == {"by phone"}
    assert "刚才找的号码" in page.content.decode()
    assert "9999" not in page.content.decode()
    # It stays found beside the list and in the export.
    [row] = re.findall(r'class="case-row" href="([^"]+)"', page.content.decode())
    assert "第 1 件，共 1 件" in client.get(unescape(row)).content.decode()
    event = AuditEvent.objects.get(kind="hazards.searched")
    assert (event.actor_id, event.changes) == (town.grid_worker.pk, {"rows": 1})


def test_a_number_of_an_account_is_found_too(visit, town, cases_of_people):
    assert found(visit(town.grid_worker), town.rider.phone)[1] == {"by account"}


def test_what_was_searched_is_ones_own(visit, town, cases_of_people):
    visit(town.grid_worker).post(FIND, {"find": PHONE})
    # Somebody else's address does not answer with what the first one asked.
    response = visit(town.other_grid_worker).get(f"{URL}?tab=all&by_phone=1")
    assert listed(response) == []
    response = visit(town.staff).get(f"{URL}?tab=all&by_phone=1")
    assert "刚才找的号码" not in response.content.decode()


def test_cases_elsewhere_stay_out_of_sight(visit, town, cases_of_people):
    assert found(visit(town.other_grid_worker), PHONE)[1] == set()
    assert found(visit(town.officer), PHONE)[1] == {"by phone", "elsewhere"}


def test_four_digits_may_end_a_case_number(visit, town, cases_of_people):
    end = cases_of_people.number[-4:]
    assert "nobody's" in found(visit(town.grid_worker), end)[1]


@pytest.mark.parametrize("junk", ["\0", "é" * 5000, "'; --", "%_%", "\u202e"])
def test_junk_breaks_nothing(visit, town, cases_of_people, junk):
    assert visit(town.grid_worker).post(FIND, {"find": junk}, follow=True).status_code == 200


def test_what_is_a_telephone_and_what_is_not():
    asked = {text: asked_phone(text) for text in ("YH20261126-0031", "12号楼", "123", "0301")}
    assert asked == {"YH20261126-0031": "", "12号楼": "", "123": "", "0301": "0301"}
