"""Loads the fictional demo community into an empty database."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from stations.areas.models import Community
from volunteers.activities.models.activities import Activity
from workers.access import is_registered
from yuanhang.core.models import User
from yuanhang.demo import (
    activities,
    aid,
    cases,
    complaints,
    errands,
    estates,
    help_requests,
    news,
    records,
    rights,
    streets,
    teams,
    town,
)


class Command(BaseCommand):
    """Everything a newcomer needs to walk every screen."""

    help = "Load the demo community (only in demo mode, only into an empty database)."

    @transaction.atomic
    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("The demo is loaded in demo mode only: set DEMO=1.")
        if User.objects.exists():
            raise CommandError("The database has people already; the demo wants an empty one.")
        town.make_places()
        people = town.make_posts()
        streets.make_streets(Community.objects.home(), people["10000000021"])
        riders = town.make_workers(people)
        estates.make_estates([one for one in riders if is_registered(one)], people["10000000021"])
        squads = teams.make_teams(riders, people["10000000021"])
        made = cases.make_cases(riders, people["10000000031"])
        estates.make_refusal(riders)
        activities.make_activities(riders, people["10000000021"])
        records.make_records(riders, people)
        errands.make_errands(riders, people["10000000021"])
        rights.make_job_offers(people["10000000021"])
        complaints.make_complaints(people["10000000021"], people["10000000031"])
        help_requests.make_help(riders, people["10000000051"])
        help_requests.make_proofs(riders, people["10000000021"])
        aid.make_aid(riders, people["10000000021"], people["10000000022"])
        aid.make_road_lines()
        teams.make_news(squads, riders, people["10000000021"])
        news.read_old_news()
        held = Activity.objects.count()
        self.stdout.write(f"Demo loaded: {len(riders)} workers, {made} hazards, {held} activities.")
