"""Six errands on the way; people and doors are made up, and phones ring nowhere."""

from datetime import timedelta

from django.utils import timezone

from stations.areas.models import Community, Grid
from volunteers.errands import errands
from volunteers.errands.models import Errand
from workers.models import Worker

# (kind, title, near, grid number, minutes, weekly)
ERRANDS = (
    ("medicine", "给独居老人送一趟药", "外环路公交站", 6, 15, True),
    ("extinguisher", "看看楼道灭火器还在不在", "南六街", 6, 10, False),
    ("visit", "敲门问声好，看看暖气热不热", "平房区二巷", 1, 15, False),
    ("medicine", "从药房捎一盒药上楼", "庆小驿温暖站", 1, 20, False),
    ("other", "帮忙把轮椅抬下楼", "大集东口", 6, 10, False),
    ("visit", "看看老人家的窗户关好没有", "外环路", 6, 15, False),
)


def make_errands(riders, staff):
    """On offer, but for one in hand and one done that staff have to confirm; returns how many."""
    home, today = Community.objects.home(), timezone.localdate()
    made = []
    for number, (kind, title, near, grid, minutes, weekly) in enumerate(ERRANDS, 1):
        errand = Errand.objects.create(
            community=home,
            grid=Grid.objects.get(community=home, number=grid),
            kind=kind,
            title=title,
            near=near,
            minutes=minutes,
            due_on=today + timedelta(days=2),
            person_name=f"老人{number}（演示）",
            address=f"演示小区 {number} 号楼 1 单元 10{number}",
            phone=f"100000090{number:02d}",
            note="敲门重一点，慢慢等。",
            repeats_weekly=weekly,
            preferred=riders[1] if weekly else None,
            made_by=staff,
        )
        made.append(errand)
    # The first two are the log-ins of the demo: their hands are free.
    rows = Worker.objects.filter(user__in=riders[2:], community=home, confirmed_at__isnull=False)
    one, other = [worker.user for worker in rows.select_related("user").order_by("pk")[:2]]
    errands.claim(made[3], by=one)
    claim = errands.claim(made[4], by=other)
    errands.finish(claim, by=other, note="抬好了")
    return len(made)
