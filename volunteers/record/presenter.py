"""A volunteer's record in its five groups: the person, service, training, awards, evaluations."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractYear

from stations.areas.models import Community
from volunteers.record.forms import RequestForm
from volunteers.record.models.certificates import Certificate, CertificateRequest
from volunteers.record.models.service_records import (
    Commendation,
    ServiceRecord,
    VolunteerNumber,
)
from volunteers.record.models.training_records import TrainingRecord
from volunteers.skills.models import Qualification
from workers.access import worker_of
from workers.models import Worker
from yuanhang.core.models import User
from yuanhang.core.paging import NEWEST_FIRST, Column, Page, page_of, read_day, read_number

PAGE_SIZE = 30  # rows of each list: all five stand on one page
LATEST_FIRST = (
    Column("on", read_day, is_descending=True),
    Column("pk", read_number, is_descending=True),
)
YOUNGEST_FIRST = (
    Column("since", read_day, is_descending=True),
    Column("pk", read_number, is_descending=True),
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """Who it is and the sums, all in minutes.

    `years` has a pair (year, minutes that count) for each year with any, the newest first;
    `waiting` are minutes that nobody confirmed yet. `requests` wait for the community.
    """

    person: User
    worker: Worker | None
    number: VolunteerNumber | None
    years: list[tuple[int, int]]
    total: int
    waiting: int
    requests: QuerySet[CertificateRequest]


@dataclass(frozen=True)
class RecordLists:
    """A page of each list of a record; `words` are awards and evaluations together."""

    entries: Page
    trainings: Page
    qualifications: Page
    certificates: Page
    words: Page

    @property
    def awards(self) -> list[Commendation]:
        return self._words_of(Commendation.Kind.AWARD)

    @property
    def evaluations(self) -> list[Commendation]:
        return self._words_of(Commendation.Kind.EVALUATION)

    def _words_of(self, kind):
        return [words for words in self.words.rows if words.kind == kind]


def entries_of(person: User) -> QuerySet[ServiceRecord]:
    """The ledger's entries of a person, newest first, with what a row shows."""
    entries = ServiceRecord.objects.filter(user=person).select_related("confirmation", "community")
    return entries.order_by("-on", "-pk")


def trainings_of(person: User) -> QuerySet[TrainingRecord]:
    """All training records of a person, newest first."""
    trainings = TrainingRecord.objects.filter(user=person).select_related("course")
    return trainings.order_by("-on", "-pk")


def record_of(person: User) -> Record:
    """Who it is and the sums; a fixed number of queries."""
    entries = ServiceRecord.objects.filter(user=person)
    sums = entries.order_by().annotate(year=ExtractYear("on")).values("year")
    sums = sums.annotate(
        done=Sum("minutes", filter=ServiceRecord.COUNTS),
        late=Sum("minutes", filter=ServiceRecord.WAITS),
    )
    sums = list(sums.order_by("-year"))
    years = [(row["year"], row["done"]) for row in sums if row["done"]]
    requests = CertificateRequest.objects.filter(user=person).waiting()
    return Record(
        person=person,
        worker=worker_of(person),
        number=getattr(person, "volunteer_number", None),
        years=years,
        total=sum(minutes for _year, minutes in years),
        waiting=sum(row["late"] or 0 for row in sums),
        requests=requests.select_related("community"),
    )


def lists_of(person: User, cursors: Mapping[str, str]) -> RecordLists:
    """One page of each list; `cursors` has the keys asked for, by the names of the lists."""
    skills = Qualification.objects.filter(user=person).select_related("skill", "scan")
    papers = Certificate.objects.filter(holder__user=person)
    papers = papers.select_related("community", "superseded_by")
    words = person.commendations.current()

    def page(name, rows, columns):
        return page_of(rows, cursors.get(name, ""), PAGE_SIZE, columns)

    return RecordLists(
        entries=page("entries", entries_of(person), LATEST_FIRST),
        trainings=page("trainings", trainings_of(person), LATEST_FIRST),
        qualifications=page("qualifications", skills, YOUNGEST_FIRST),
        certificates=page("certificates", papers, NEWEST_FIRST),
        words=page("words", words, NEWEST_FIRST),
    )


def request_form_of(record: Record) -> RequestForm | None:
    """The form for a certificate, or None where no minutes count yet."""
    counting = record.person.service_records.counting().order_by().values("community")
    communities = Community.objects.filter(pk__in=counting)
    if not communities:
        return None
    return RequestForm(years=[year for year, _minutes in record.years], communities=communities)
