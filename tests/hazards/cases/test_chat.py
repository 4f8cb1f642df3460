"""Group chats hear of new and late cases: a kind, a place, a link; nothing anybody wrote."""

from datetime import timedelta

from django.utils import timezone

from hazards.cases.models.hazards import Hazard
from hazards.deadline_reminders import deadline_reminders
from stations.robots.models import ChatRobot
from tests.factories.hazards import report
from yuanhang.core.outbox.models import Delivery

KEY = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0000-test-key-0000"


def test_a_new_case_is_announced_without_a_word_of_the_reporters(town):
    ChatRobot.objects.create(grid=town.six, name="六网格群", url=KEY)
    hazard = report(
        town.six,
        by=town.rider,
        place="10000019999 家楼下",
        description="打 10000019999",
        contact_name="路人甲（演示）",
        contact_phone="10000019999",
    )
    report(town.one)
    text = Delivery.objects.get().text
    first, number, link = text.split("\n")
    assert first == "新上报：井盖道路 · 第六网格 · 较急"
    assert number == hazard.number
    assert link.endswith(hazard.get_absolute_url())
    assert "10000019999" not in text
    assert town.rider.display_name not in text


def test_a_late_case_is_announced_once(town):
    hazard = report(town.six)
    ChatRobot.objects.create(community=town.community, name="社区群", url=KEY)
    Hazard.objects.filter(pk=hazard.pk).update(
        acknowledge_due_at=timezone.now() - timedelta(minutes=1)
    )
    deadline_reminders.remind_of_deadlines()
    deadline_reminders.remind_of_deadlines()
    assert Delivery.objects.get().text.startswith("超时：井盖道路")


def test_without_a_robot_nothing_is_stored(town):
    report(town.six)
    assert not Delivery.objects.exists()
