"""What the tests of errands share."""

from datetime import timedelta

from django.utils import timezone

from tests.factories.workers import UserFactory, WorkerFactory
from volunteers.errands.models import Errand, ErrandClaim

SECRETS = ("李奶奶（演示）", "三号楼二单元", "10000009999", "门铃坏了")
URL = "/volunteers/errands/"


def errand(town, **fields):
    """Medicine for somebody in grid six."""
    name, address, phone, note = SECRETS
    facts = {
        "community": town.community,
        "grid": town.six,
        "kind": "medicine",
        "title": "送一趟药",
        "near": "外环路公交站",
        "person_name": name,
        "address": address,
        "phone": phone,
        "note": note,
        "made_by": town.staff,
    }
    return Errand.objects.create(**facts | fields)


def helper(town, **fields):
    """A confirmed rider of the community."""
    user = UserFactory()
    WorkerFactory(user=user, community=town.community, confirmed_at=timezone.now(), **fields)
    return user


def run_out(claim):
    """The half hour is over, and no job has come yet."""
    ago = timezone.now() - timedelta(minutes=31)
    ErrandClaim.objects.filter(pk=claim.pk).update(
        claimed_at=ago, lease_until=timezone.now() - timedelta(seconds=1)
    )


def secrets_in(text):
    return [secret for secret in SECRETS if secret in text]


def act(client, made, verb, **data):
    return client.post(f"{made.get_absolute_url()}{verb}/", data)
