"""Users, postings, workers."""

import factory

from stations.postings.models import Posting
from workers.models import Worker
from yuanhang.core.models import User

PASSWORD = "correct-horse-91"


class UserFactory(factory.django.DjangoModelFactory):
    """A person with a phone that rings nowhere."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    phone = factory.Sequence(lambda n: f"100{n + 10000:08d}")
    display_name = factory.Sequence(lambda n: f"骑手{n}（演示）")
    password = factory.django.Password(PASSWORD)


def posting(user, role, place, **fields):
    """A post that nobody has stored yet; the place decides the field."""
    field = {"Grid": "grid", "Station": "station", "Community": "community"}.get(
        type(place).__name__, "subdistrict"
    )
    return Posting(user=user, role=role, **{field: place}, **fields)


def post(user, role, place, **fields):
    """Give a user a post."""
    given = posting(user, role, place, **fields)
    given.save(force_insert=True)
    return given


def people(**fields_of):
    """Users by name, stored by one statement: `people(rider={}, staff={"is_staff": True})`."""
    made = {name: UserFactory.build(**fields) for name, fields in fields_of.items()}
    User.objects.bulk_create(made.values())
    return made


class WorkerFactory(factory.django.DjangoModelFactory):
    """A registered rider."""

    class Meta:
        model = Worker

    user = factory.SubFactory(UserFactory)
    job = Worker.Job.RIDER
