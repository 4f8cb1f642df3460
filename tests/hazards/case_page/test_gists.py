"""听写: what a voice note says, written down once, read by everybody who may hear it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hazards.cases import cases, gists, handover_sheet
from hazards.cases.attachments import Attachments
from hazards.cases.models.attachments import HazardVoice
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import advance, report, stored_voice
from yuanhang.core import retention
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import AuditEvent

GIST = "井盖翘了一角，怕晚上踩空"


@pytest.fixture
def case(town):
    """The rider's case, spoken and not written."""
    voices = [stored_voice(media.wav(8.0))]
    return report(town.six, by=town.rider, description="", attachments=Attachments(voices=voices))


@pytest.fixture
def send(visit, town):
    """`send("grid_worker", case, gist="…")`: the answer."""

    def post(role, case, voice=None, **data):
        voice = voice or case.voices.get()
        url = f"{case.get_absolute_url()}voices/{voice.pk}/gist/"
        return visit(getattr(town, role)).post(url, data)

    return post


def page(visit, user, address):
    return " ".join(visit(user).get(address).content.decode().split())


def test_it_stands_wherever_somebody_would_listen_again(send, visit, town, case):
    queue = page(visit, town.grid_worker, "/hazards/queue/")
    assert "8 秒语音" in queue
    response = send("grid_worker", case, gist=f"  {GIST} ")
    assert response["Location"] == case.get_absolute_url()
    own = page(visit, town.grid_worker, case.get_absolute_url())
    assert f"「{GIST}」" in own
    assert f"{town.grid_worker.display_name}听写 · 今天" in own
    queue = page(visit, town.grid_worker, "/hazards/queue/")
    assert f"「{GIST}」" in queue
    assert "8 秒语音" not in queue
    assert case.number in page(visit, town.grid_worker, "/hazards/queue/?tab=all&q=踩空")
    assert GIST in visit(town.grid_worker).get("/hazards/map/").content.decode()
    advance(Hazard.objects.get(), "escalated", reviewer=town.grid_worker)
    sheet = page(visit, town.officer, f"{case.get_absolute_url()}handover/")
    assert sheet.count(GIST) == 2  # on the sheet, and in the text for the chat


def test_the_reporter_reads_it_and_nobody_else_outside(send, visit, town, case):
    send("grid_worker", case, gist=GIST)
    own = page(visit, town.rider, case.get_absolute_url())
    assert f"「{GIST}」" in own
    assert "网格员听写 · 今天" in own
    assert town.grid_worker.display_name not in own
    assert "gist-form" not in own
    assert GIST in page(visit, None, case.get_receipt_url())
    advance(case, "closed", reviewer=town.grid_worker)
    assert GIST not in page(visit, None, "/hazards/fixed/")


@pytest.mark.parametrize("role", ["grid_worker", "staff", "officer", "admin"])
def test_whoever_may_act_on_the_case_writes_and_mends_it(send, town, case, role):
    assert send(role, case, gist=GIST).status_code == 302
    voice = case.voices.get()
    assert (voice.gist, voice.gist_by) == (GIST, getattr(town, role))
    assert send("grid_worker", case, gist="井盖响", before=GIST).status_code == 302
    voice.refresh_from_db()
    assert (voice.gist, voice.gist_by) == ("井盖响", town.grid_worker)
    assert Hazard.objects.get().heard == "井盖响"
    events = AuditEvent.objects.filter(kind="hazards.transcribe").order_by("pk")
    assert [event.actor_id for event in events] == [getattr(town, role).pk, town.grid_worker.pk]
    assert all(GIST not in str(event.changes) for event in events)


@pytest.mark.parametrize(
    ("gist", "said"),
    [
        ("", "写一句这段话说的什么"),
        ("  \u200b ", "写一句这段话说的什么"),
        ("长" * 61, "太长了，最多 60 个字"),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(send, case, gist, said):
    response = send("grid_worker", case, gist=gist)
    assert response.status_code == 400
    text = response.content.decode()
    assert said in text
    assert gist.strip(" \u200b") in text
    assert case.voices.get().gist == ""
    assert send("grid_worker", case, gist="长" * 60).status_code == 302


def test_pasted_lines_become_one(send, case):
    send("grid_worker", case, gist="井盖\n翘了\t一角")
    assert case.voices.get().gist == "井盖 翘了 一角"


def test_of_two_at_once_the_second_is_told_what_the_first_wrote(send, case):
    # Both pages showed nothing.
    assert send("grid_worker", case, gist=GIST, before="").status_code == 302
    late = send("officer", case, gist="井盖响", before="")
    assert late.status_code == 409
    text = late.content.decode()
    assert f"刚有人写了：「{GIST}」" in text
    assert 'value="井盖响"' in text
    assert f'name="before" value="{GIST}"' in text
    assert case.voices.get().gist == GIST


def test_a_merged_reports_note_is_written_down_on_the_main_case(send, visit, town, case):
    main = report(town.six)
    voice = case.voices.get()
    cases.merge(case, by=town.grid_worker, main=main)
    assert send("grid_worker", main, voice, gist=GIST).status_code == 302
    assert Hazard.objects.get(pk=case.pk).heard == GIST
    assert Hazard.objects.get(pk=main.pk).heard == ""
    assert GIST in page(visit, town.grid_worker, main.get_absolute_url())
    other = report(town.six)
    assert send("grid_worker", other, voice, gist="别人的").status_code == 404


def test_it_goes_with_the_voice(send, town, case):
    send("grid_worker", case, gist=GIST)
    case = advance(Hazard.objects.get(), "closed", reviewer=town.grid_worker, officer=town.officer)
    assert GIST in handover_sheet.as_text(handover_sheet.sheet_of(case))
    assert GIST not in str(case.handover)
    later = timezone.now() + timedelta(days=91)
    assert retention.erase(retention.rule("hazards.voice"), later) == 1
    fresh = Hazard.objects.get()
    assert not HazardVoice.objects.exists()
    assert fresh.heard == ""
    assert not Hazard.objects.matching("踩空").exists()
    assert GIST not in handover_sheet.as_text(handover_sheet.sheet_of(fresh))


def test_a_note_that_went_meanwhile_is_refused_in_words(town, case):
    voice = case.voices.get()
    HazardVoice.objects.all().delete()
    with pytest.raises(NotAllowedNowError, match="到期删了"):
        gists.write(voice, by=town.grid_worker, gist=GIST)
