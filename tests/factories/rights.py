"""What partner units offer, in a test."""

import itertools
from datetime import timedelta

from django.utils import timezone

from stations.postings.models import Organisation
from tests.factories.stations import OrganisationFactory
from workers.rights import job_offers
from workers.rights.models import JobOffer

_numbers = itertools.count(1)


def job_offer(town, *, days=7, **fields):
    """An offer in the town's community that ends so many days from now."""
    partner = OrganisationFactory(subdistrict=town.subdistrict, kind=Organisation.Kind.PARTNER)
    values = {
        "community": town.community,
        "organisation": partner,
        "title": f"夜班分拣 {next(_numbers)}",
        "pay": "每天 200 元",
        "contact": "0459-6000000",
        "until": timezone.localdate() + timedelta(days=days),
    }
    return job_offers.create(JobOffer(**(values | fields)), by=town.staff)
