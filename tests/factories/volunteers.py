"""Activities with sessions, and people who sign up."""

import io
from datetime import timedelta

import factory
from django.utils import timezone

from tests import media
from tests.factories.workers import UserFactory
from volunteers.activities.models.activities import Activity
from volunteers.activities.models.sessions import ActivitySession
from volunteers.activities.models.signups import SignUp
from volunteers.record.models.service_records import ServiceRecord
from volunteers.searches import searches
from volunteers.searches.models import SearchNotice
from volunteers.skills.models import Skill
from volunteers.teams.models import Team
from yuanhang.core.media import photos


class TeamFactory(factory.django.DjangoModelFactory):
    """志愿服务队."""

    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"新业态志愿服务队{n}")
    kind = Team.Kind.VOLUNTEER


class SkillFactory(factory.django.DjangoModelFactory):
    """技能."""

    class Meta:
        model = Skill

    name = factory.Sequence(lambda n: f"技能{n}")


class ActivityFactory(factory.django.DjangoModelFactory):
    """An announced activity, without sessions."""

    class Meta:
        model = Activity

    kind = Activity.Kind.VOLUNTEERING
    state = Activity.State.PUBLISHED
    title = factory.Sequence(lambda n: f"大集疏导{n}")
    place = "南六街"
    organiser = factory.SubFactory(UserFactory)
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


def session(activity, *, hours=48, minutes=60, maximum=2, **fields):
    """A session that starts in `hours` from now."""
    starts = timezone.now() + timedelta(hours=hours)
    ends = starts + timedelta(minutes=minutes)
    return ActivitySession.objects.create(
        activity=activity, starts_at=starts, ends_at=ends, maximum=maximum, **fields
    )


def riders(number):
    """So many people."""
    return [UserFactory() for _ in range(number)]


def held(activity, people=(), *, minutes=60, days=1, **fields):
    """A session that ended `days` ago, to which these people had signed up and were confirmed."""
    place = session(activity, minutes=minutes, maximum=max(len(people), 1), **fields)
    for person in people:
        SignUp.objects.create(session=place, user=person, state=SignUp.State.CONFIRMED)
    ended(place, days=days)
    return place


def served(place, minutes, **fields):
    """Entries of the ledger for one session, by person."""
    for user, number in minutes.items():
        ServiceRecord.objects.create(
            user=user,
            community=place.activity.community,
            source="session",
            session=place,
            content="扫雪",
            on=timezone.localdate(),
            minutes=number,
            **fields,
        )


def ended(place, *, days=1):
    """Let a session have ended so many days ago."""
    length = place.ends_at - place.starts_at
    place.ends_at = timezone.now() - timedelta(days=days)
    place.starts_at = place.ends_at - length
    place.save()
    return place


def searched(town, **fields):
    """A search of the community, just begun, with a photo."""
    values = {
        "community": town.community,
        "name": "走失老人（演示）",
        "text": "穿蓝棉袄",
        "last_seen_place": "大集东口",
        "last_seen_at": timezone.now() - timedelta(hours=2),
    }
    photo = photos.process(io.BytesIO(media.jpeg(64, 48)))
    return searches.activate(SearchNotice(**values | fields), by=town.staff, photo=photo)
