"""The hand-over sheet on paper: one A4, however much there is to say."""

import re

from hazards.cases import cases
from hazards.cases.attachments import Attachments
from hazards.cases.states import State
from tests import media
from tests.factories.hazards import into, report, stored_photo
from yuanhang.core import geo


def pages_of(pdf):
    """How many pages a PDF of Chromium has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def printed(page, hazard):
    page.goto(f"{hazard.get_absolute_url()}handover/")
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    return page.pdf(prefer_css_page_size=True, print_background=True)


def test_a_sheet_with_everything_fits_one_page(town, person, sizes):
    photos = [stored_photo(media.jpeg(1200, 900)) for _ in range(4)]
    hazard = report(
        town.six,
        place="南六街与外环路口往东第三个门洞旁边的人行道上" * 4,
        description="井盖翘起来了，晚上看不见，骑过去差点摔。" * 60,
        point=geo.Point(46.545, 124.945, 12.0, "wgs84"),
        attachments=Attachments(photos=photos),
        contact_name="路人甲（演示）",
        contact_phone="10000019999",
        shares_contact=True,
    )
    for _ in range(3):
        cases.ask_info(hazard, by=town.grid_worker, reason="是路口东边还是西边？" * 8)
        cases.supply_info(hazard, by=None, note="东边，挨着药店，门口有棵歪脖子树。" * 8)
    hazard = into(hazard, State.ACCEPTED, town)
    hazard = cases.escalate(hazard, by=town.grid_worker, note="要专业单位来修。" * 20)
    page = person(town.officer, sizes.desk)
    assert pages_of(printed(page, hazard)) == 1


def test_the_page_counter_can_count_to_two(person):
    page = person()
    page.set_content("<p style='break-after: page'>一</p><p>二</p>")
    assert pages_of(page.pdf()) == 2
