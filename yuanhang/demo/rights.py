"""招工信息 of the demo: three that run, one whose last day is over."""

from datetime import timedelta

from django.utils import timezone

from stations.areas.models import Community
from stations.postings.models import Organisation
from workers.rights import job_offers
from workers.rights.models import JobOffer

# (title, pay, days from now until its last day)
JOBS = (
    ("仓库分拣，夜班", "每天 180–220 元", 12),
    ("社区食堂帮厨，中午两小时", "每小时 22 元", 25),
    ("便民店理货，可以不坐班", "每月 2600–3000 元", 40),
    ("扫雪临时工", "每天 200 元", -3),
)


def make_job_offers(staff):
    """Offered by a partner that does not exist; returns how many."""
    home = Community.objects.home()
    partner = Organisation.objects.create(
        subdistrict=home.subdistrict, name="便民服务社（演示）", kind=Organisation.Kind.PARTNER
    )
    for title, pay, days in JOBS:
        offer = JobOffer(
            community=home,
            organisation=partner,
            title=f"{title}（演示）",
            pay=pay,
            contact="到庆小驿前台问",
            until=timezone.localdate() + timedelta(days=days),
        )
        job_offers.create(offer, by=staff)
    return len(JOBS)
