"""A volunteer's record in its five groups: the person, service, training, awards, evaluations."""

from django.db.models import Sum
from django.db.models.functions import ExtractYear

from workers.access import worker_of

from .models import (
    Certificate,
    CertificateRequest,
    Qualification,
    ServiceRecord,
    TrainingRecord,
)

MOST = 50  # of each short list on the page; the export has all


def entries_of(person):
    """The ledger's entries of a person, newest first, with what a row shows."""
    rows = ServiceRecord.objects.filter(user=person).select_related("confirmation", "community")
    return rows.order_by("-on", "-pk")


def record_of(person):
    """Everything but the ledger's entries, which page; a fixed number of queries."""
    entries = ServiceRecord.objects.filter(user=person)
    sums = entries.order_by().annotate(year=ExtractYear("on")).values("year")
    sums = sums.annotate(
        done=Sum("minutes", filter=ServiceRecord.COUNTS),
        late=Sum("minutes", filter=ServiceRecord.WAITS),
    )
    sums = list(sums.order_by("-year"))
    years = [(row["year"], row["done"]) for row in sums if row["done"]]
    qualifications = Qualification.objects.filter(user=person).select_related("skill", "scan")
    words = list(person.commendations.current()[:MOST])
    return {
        "person": person,
        "worker": worker_of(person),
        "number": getattr(person, "volunteer_number", None),
        "years": years,
        "total": sum(minutes for _year, minutes in years),
        "waiting": sum(row["late"] or 0 for row in sums),
        "trainings": person.training_records.select_related("course")[:MOST],
        "qualifications": qualifications[:MOST],
        "awards": [word for word in words if word.kind == "award"],
        "evaluations": [word for word in words if word.kind == "evaluation"],
        "certificates": Certificate.objects.filter(holder__user=person)
        .select_related("community", "superseded_by")
        .order_by("-pk")[:MOST],
        "requests": CertificateRequest.objects.filter(user=person)
        .waiting()
        .select_related("community"),
    }


def trainings_of(person):
    """All training records, newest first."""
    return TrainingRecord.objects.filter(user=person).select_related("course").order_by("-on")
