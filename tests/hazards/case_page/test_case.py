"""The case page and its moves: every form by its field names, in error, too late, by htmx."""

import re
from datetime import timedelta

import pytest

from hazards.cases import words
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.states import State
from hazards.cases.transitions import TRANSITIONS
from hazards.catalogue.models import Urgency
from stations.postings.models import Organisation
from tests import media
from tests.factories.hazards import (
    standard,
    upload,
)
from tests.factories.stations import OrganisationFactory
from tests.hazards.case_page.case_help import (
    BY_HAND,
    NOTELESS,
    WORDLESS,
    fields_of,
    prepared,
    text_of,
)
from yuanhang.core.outbox.models import Notice


def last_step(hazard):
    return hazard.steps.last()


# --- every move through its form ------------------------------------------------------------

WHO = {"reporter": "rider", "reviewer": "grid_worker", "centre": "officer"}


def who(verb, hazard):
    """Somebody who may make the move now."""
    return WHO[TRANSITIONS[verb].actors_from(hazard.state)[0]]


@pytest.mark.parametrize("verb", sorted(set(BY_HAND) - WORDLESS))
def test_every_move_through_its_form_with_a_note(press, town, verb):
    hazard = prepared(town, verb)
    move, data = TRANSITIONS[verb], fields_of(verb, town)
    role = move.actors_from(hazard.state)[0]
    target = move.target_from(hazard, hazard.state)
    data |= {"note": "顺便说一句"}
    response = press(WHO[role], hazard, move.slug, **data)
    # Whoever passes it on to another grid does not see it any more.
    led_to = "/hazards/queue/" if verb == "reassign" else hazard.get_absolute_url()
    assert (response.status_code, response.url) == (302, led_to)
    hazard.refresh_from_db()
    step = last_step(hazard)
    said = [data.get("reason"), "" if verb in NOTELESS else "顺便说一句"]
    assert hazard.state == step.state == target
    assert (step.verb, step.by, step.by_role) == (verb, getattr(town, WHO[role]), role)
    if verb == "end_unrepaired":
        assert step.note == hazard.end_words == "自行消失。顺便说一句"
    else:
        assert step.note == "\n".join(filter(None, said))


@pytest.mark.parametrize("verb", sorted(WORDLESS))
def test_taking_and_giving_back_leave_no_step(press, town, verb):
    hazard = prepared(town, verb)
    steps = hazard.steps.count()
    assert press("grid_worker", hazard, verb).status_code == 302
    hazard.refresh_from_db()
    assert (hazard.is_taken, hazard.steps.count()) == (verb == "take", steps)


def test_accepting_sets_standard_urgency_and_time(press, town):
    hazard = prepared(town, "accept")
    press("grid_worker", hazard, "accept", **fields_of("accept", town))
    hazard.refresh_from_db()
    assert (hazard.standard_case, hazard.urgency) == (standard(), Urgency.URGENT)
    assert abs(hazard.accepted_at - last_step(hazard).at) < timedelta(seconds=1)


def test_dispatching_sets_organisation_and_outside_number(press, town):
    hazard = prepared(town, "dispatch")
    press("officer", hazard, "dispatch", **fields_of("dispatch", town))
    hazard.refresh_from_db()
    assert (hazard.organisation, hazard.outside_number) == (town.organisation, "SZ-7")


@pytest.mark.parametrize("role", ["grid_worker", "officer"])
def test_fixing_may_bring_photos_of_the_repair(press, town, role, stored_files):
    hazard = prepared(town, "fix")
    photos = [upload(media.jpeg(60, 40)), upload(media.jpeg(80, 40))]
    press(role, hazard, "fix", photos=photos)
    hazard.refresh_from_db()
    assert hazard.fixed_at is not None
    assert list(hazard.photos.values_list("width", "is_repair")) == [(60, True), (80, True)]
    assert last_step(hazard).by_role == {"grid_worker": "reviewer", "officer": "centre"}[role]
    assert len(stored_files()) == 4


def test_the_reporter_answers_with_a_photo_and_a_voice_note(press, town):
    hazard = prepared(town, "supply_info")
    files = {
        "photos": upload(media.jpeg(60, 40)),
        "voice": upload(media.ogg(1.0), "a.ogg", "audio/ogg"),
    }
    assert press("rider", hazard, "supply-info", **files).status_code == 302
    step = last_step(hazard)
    assert (step.photos.get().is_repair, step.voices.count()) == (False, 1)


def test_the_page_says_once_that_it_was_noted(press, client, town):
    hazard = prepared(town, "withdraw")
    press("rider", hazard, "withdraw")
    pages = [text_of(client.get(hazard.get_absolute_url())) for _visit in range(2)]
    assert ["撤回了，不再处理。" in page for page in pages] == [True, False]


def test_a_move_may_lead_back_to_where_one_came_from_but_not_away(press, town):
    queue = "/hazards/queue/?tab=open"
    home = prepared(town, "accept")
    data = fields_of("accept", town)
    assert press("grid_worker", home, "accept", next=queue, **data).url == queue
    away = prepared(town, "accept")
    response = press("grid_worker", away, "accept", next="https://evil.example/", **data)
    assert response.url == away.get_absolute_url()


# --- forms in error -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "data", "sentences"),
    [
        ("accept", {"urgency": "2"}, ["选一条立案标准。"]),
        ("accept", {"urgency": "2", "standard_case": "0"}, ["没有这条标准。"]),
        ("accept", {"urgency": "2", "standard_case": "六"}, ["没有这条标准。"]),
        ("ask_info", {}, ["写一句原因，上报人会看到。"]),
        ("ask_info", {"reason": "  "}, ["写一句原因，上报人会看到。"]),
        ("reject", {"reason": "长" * 501}, ["太长了，最多 500 个字。"]),
        ("reject", {"reason": "\0\u200b"}, ["写一句原因，上报人会看到。"]),
        ("dispatch", {}, ["选一个责任单位。"]),
        ("dispatch", {"organisation": "0"}, ["没有这个单位。"]),
        ("close", {}, ["先确认结案条件已经达到，再办结。"]),
        ("withdraw", {"note": "长" * 501}, ["太长了，最多 500 个字。"]),
    ],
)
def test_a_form_in_error_comes_back_with_what_was_typed(press, town, verb, data, sentences):
    hazard = prepared(town, verb)
    before, notices = hazard.state, Notice.objects.count()
    data = {"note": "别丢了这句"} | data
    response = press(who(verb, hazard), hazard, TRANSITIONS[verb].slug, **data)
    assert response.status_code == 400
    (form,) = [move.form for move in response.context["moves"] if move.verb == verb]
    assert [error for errors in form.errors.values() for error in errors] == sentences
    page = text_of(response)
    assert sentences[0] in page
    assert data["note"] in page
    opened = re.findall(r"<details[^>]* open>\s*<summary>([^<]+)</summary>", page)
    assert opened == [words.transition_label(verb, hazard)]
    hazard.refresh_from_db()
    assert (hazard.state, Notice.objects.count()) == (before, notices)


@pytest.mark.parametrize("urgency", ["", "0", "5", "high"])
def test_an_urgency_off_the_scale_is_refused(press, town, urgency):
    hazard = prepared(town, "accept")
    data = {"standard_case": standard().pk, "urgency": urgency}
    assert press("grid_worker", hazard, "accept", **data).status_code == 400
    assert hazard.steps.count() == 1


def test_only_organisations_that_repair_here_can_be_sent(press, town):
    here = town.subdistrict
    wrong = [
        OrganisationFactory(subdistrict=here, kind=Organisation.Kind.PARTNER),
        OrganisationFactory(subdistrict=here, is_active=False),
        OrganisationFactory(),
    ]
    hazard = prepared(town, "dispatch")
    for organisation in wrong:
        response = press("officer", hazard, "dispatch", organisation=organisation.pk)
        assert response.status_code == 400
    assert last_step(hazard).verb == "escalate"


def test_standards_of_the_category_come_first_and_none_out_of_use(visit, town):
    hazard = prepared(town, "accept")
    other = standard()
    type(other).objects.filter(pk=other.pk).update(is_active=False)
    page = visit(town.grid_worker).get(hazard.get_absolute_url())
    form = {move.verb: move.form for move in page.context["moves"]}["accept"]
    choices = list(form.fields["standard_case"].offered)
    fitting = [case for case in choices if case.categories.filter(key="manhole").exists()]
    assert choices[: len(fitting)] == fitting
    assert len(choices) == 56
    assert other not in choices


def test_an_empty_answer_is_no_answer(press, town):
    hazard = prepared(town, "supply_info")
    response = press("rider", hazard, "supply-info")
    assert response.status_code in (400, 409)
    assert "写一句、拍一张或说一句都行，不能是空的。" in text_of(response)
    assert last_step(hazard).verb == "ask_info"


def test_a_broken_photo_of_the_repair_leaves_nothing(press, town, stored_files):
    hazard = prepared(town, "fix")
    photos = [upload(media.jpeg(60, 40)), upload(media.truncated_jpeg())]
    response = press("grid_worker", hazard, "fix", note="补好了", photos=photos)
    assert response.status_code == 400
    assert "照片没有传完整或已损坏" in text_of(response)
    assert "补好了" in text_of(response)
    # The good one waits for the next try; nothing of either is the case's.
    assert last_step(hazard).verb == "accept"
    assert {path.parent.parent.name for path in stored_files()} == {"drafts"}


# --- too late -------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", BY_HAND)
def test_a_move_that_is_forbidden_now_says_what_happened(press, town, verb):
    hazard, data = prepared(town, verb), fields_of(verb, town) | {"note": "手慢了"}
    role = who(verb, hazard)
    over = {"state": State.WITHDRAWN, "closed_at": None, "suspended_at": None}
    over |= {"main": None, "merged_into": None, "end_reason": None}
    Hazard.objects.filter(pk=hazard.pk).update(**over)
    steps = Step.objects.count()
    response = press(role, hazard, TRANSITIONS[verb].slug, **data)
    assert response.status_code == 409
    assert "已被他人处理，现在是「已撤回」。" in text_of(response)
    assert Step.objects.count() == steps
