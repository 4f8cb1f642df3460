"""综合救助 and 路况 of the demo: one request that was answered, and a market day."""

from datetime import timedelta

from django.utils import timezone

from hazards.roads.models import RoadLine
from stations.areas.models import Community
from workers.access import worker_of
from workers.aid import aid
from workers.aid.models import AidDesk


def make_aid(riders, handler, deputy):
    """A rider's request, which only the two of them open."""
    home = Community.objects.home()
    AidDesk.objects.create(community=home, handler=handler, deputy=deputy)
    asked = aid.ask(
        worker_of(riders[0]),
        text="摔伤以后三周没跑单，孩子学费差一点，想问问有没有能申请的。",
        reach="下午三点以后打电话",
    )
    aid.answer(asked, by=handler, text="明天下午三点来站里，我把能申请的两样带给你看。")


def make_road_lines():
    """What staff wrote for riders."""
    today = timezone.localdate()
    RoadLine.objects.create(
        community=Community.objects.home(),
        text="周日大集，大集路 7 点到 12 点过不去",
        first_day=today,
        last_day=today + timedelta(days=(6 - today.weekday()) % 7),
    )
