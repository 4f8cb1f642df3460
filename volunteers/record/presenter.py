"""A volunteer's record in its five groups: the person, service, training, awards, evaluations."""

from django.db.models import Sum
from django.db.models.functions import ExtractYear

from volunteers.record.models.certificates import Certificate, CertificateRequest
from volunteers.record.models.service_records import ServiceRecord
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills.models import Qualification
from workers.access import worker_of
from yuanhang.core import paging

PAGE_SIZE = 30
LISTS = ("entries", "trainings", "qualifications", "certificates", "words")


def entries_of(person):
    """The ledger's entries of a person, newest first, with what a row shows."""
    rows = ServiceRecord.objects.filter(user=person).select_related("confirmation", "community")
    return rows.order_by("-on", "-pk")


def record_of(person):
    """Who it is and the sums; a fixed number of queries. The lists are those of `pages_of`."""
    entries = ServiceRecord.objects.filter(user=person)
    sums = entries.order_by().annotate(year=ExtractYear("on")).values("year")
    sums = sums.annotate(
        done=Sum("minutes", filter=ServiceRecord.COUNTS),
        late=Sum("minutes", filter=ServiceRecord.WAITS),
    )
    sums = list(sums.order_by("-year"))
    years = [(row["year"], row["done"]) for row in sums if row["done"]]
    return {
        "person": person,
        "worker": worker_of(person),
        "number": getattr(person, "volunteer_number", None),
        "years": years,
        "total": sum(minutes for _year, minutes in years),
        "waiting": sum(row["late"] or 0 for row in sums),
        "requests": CertificateRequest.objects.filter(user=person)
        .waiting()
        .select_related("community"),
    }


def pages_of(person, cursors):
    """{list: (one page, the next page's key)} of the `LISTS`; `cursors` has the keys asked for."""
    skills = Qualification.objects.filter(user=person).select_related("skill", "scan")
    papers = Certificate.objects.filter(holder__user=person)
    papers = papers.select_related("community", "superseded_by")
    size = PAGE_SIZE
    return {
        "entries": paging.by_day(entries_of(person), cursors.get("entries", ""), size),
        "trainings": paging.by_day(trainings_of(person), cursors.get("trainings", ""), size),
        "qualifications": paging.by_day(
            skills, cursors.get("qualifications", ""), size, day="since"
        ),
        "certificates": paging.by_pk(papers, cursors.get("certificates", ""), size),
        "words": paging.by_pk(person.commendations.current(), cursors.get("words", ""), size),
    }


def trainings_of(person):
    """All training records, newest first."""
    rows = TrainingRecord.objects.filter(user=person).select_related("course")
    return rows.order_by("-on", "-pk")
