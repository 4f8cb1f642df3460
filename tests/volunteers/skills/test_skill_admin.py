"""Staff keep the skills that courses grant and activities ask for."""

import re

import pytest

from tests.factories.volunteers import ActivityFactory, SkillFactory
from tests.threads import meet, together
from volunteers.skills import skills
from volunteers.skills import skills as acts
from volunteers.skills.models import Skill
from yuanhang.core.models import AuditEvent

LIST, ADD = "/admin/volunteers/skill/", "/admin/volunteers/skill/add/"


def on(skill):
    return f"{LIST}{skill.pk}/change/"


def needs_of(skill):
    return set(skill.requires.all())


def fields(name, *needs, **more):
    return {"name": name, "text": "", "valid_days": "", "needs": [one.pk for one in needs]} | more


def test_staff_make_a_skill_and_an_activity_asks_for_it(town, visit):
    basic, client = SkillFactory(name="急救基础"), visit(town.staff)
    assert client.post(ADD, fields("应急救援", basic, valid_days="365")).status_code == 302
    made = Skill.objects.get(name="应急救援")
    assert (made.valid_days, needs_of(made)) == (365, {basic})
    kinds = set(AuditEvent.objects.values_list("kind", flat=True))
    assert {"volunteers.create_skill", "volunteers.require_skill"} <= kinds
    activity = ActivityFactory(community=town.community, organiser=town.staff)
    page = client.get(f"/admin/volunteers/activity/{activity.pk}/change/").content.decode()
    assert re.search(rf'name="skills" value="{made.pk}"[^>]*>\s*应急救援', page)
    assert "急救基础" in client.get(LIST).content.decode()


def test_what_it_presupposes_is_changed_and_taken_away(town, visit):
    first, second, skill = SkillFactory(), SkillFactory(), SkillFactory()
    skills.require_skill(skill, first, by=town.staff)
    client = visit(town.staff)
    ticked = re.findall(
        r'name="needs" value="(\d+)"[^>]* checked', client.get(on(skill)).content.decode()
    )
    assert ticked == [str(first.pk)]
    assert client.post(on(skill), fields(skill.name, second)).status_code == 302
    assert needs_of(skill) == {second}
    event = AuditEvent.objects.get(kind="volunteers.drop_need")
    assert event.changes == {"dropped": [first.pk]}


def test_a_circle_is_refused_in_words_and_saves_nothing(town, visit):
    a, b, c = (SkillFactory(name=name) for name in "甲乙丙")
    skills.require_skill(a, b, by=town.staff)
    skills.require_skill(b, c, by=town.staff)
    answer = visit(town.staff).post(on(c), fields("改名", a))
    assert answer.status_code == 200
    assert "绕回来了：会「甲」要先会这一项。" in answer.content.decode()
    c.refresh_from_db()
    assert (c.name, needs_of(c)) == ("丙", set())
    # Itself is not among the choices.
    assert visit(town.staff).post(on(c), fields("丙", c)).status_code == 200
    assert needs_of(c) == set()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "必填"),
        ({"name": "灭火"}, "已存在"),
        ({"valid_days": "-1"}, "大于或等于"),
        ({"valid_days": "0"}, "至少 1 天"),
        ({"needs": ["999999"]}, "选择"),
    ],
)
def test_nonsense_saves_nothing(town, visit, changed, words):
    SkillFactory(name="灭火")
    answer = visit(town.staff).post(ADD, fields("新技能") | changed)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Skill.objects.count() == 1


def test_who_keeps_skills(town, visit):
    skill = SkillFactory()
    for user in (town.rider, town.grid_worker, town.officer, None):
        assert visit(user).post(ADD, fields("不行")).status_code in (302, 403)
    town.other_staff.postings.update(start="2020-01-01", end="2020-01-02")
    for url in (ADD, on(skill)):
        assert visit(town.other_staff).post(url, fields("不行")).status_code in (302, 403)
    assert list(Skill.objects.all()) == [skill]
    assert visit(town.staff).post(f"{LIST}{skill.pk}/delete/", {"post": "yes"}).status_code == 403
    assert visit(town.admin).post(f"{LIST}{skill.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Skill.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.usefixtures("rows_come_back")
def test_the_half_of_a_circle_that_came_second_is_told(town, monkeypatch):
    a, b = SkillFactory(), SkillFactory()
    meet(monkeypatch, acts, "reaches")
    results = together(
        lambda: skills.set_needs(a, [b], by=town.staff),
        lambda: skills.set_needs(b, [a], by=town.staff),
    )
    assert sorted(type(one).__name__ for one in results) == ["NoneType", "NotAllowedNowError"]
    assert len(needs_of(a) | needs_of(b)) == 1
