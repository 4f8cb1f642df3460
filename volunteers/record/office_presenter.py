"""What the records office shows: requests with their hours worked out, and late entries."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.forms import Form

from volunteers.record import access
from volunteers.record.forms import AnswerForm, IssueForm, ReasonForm
from volunteers.record.models.certificates import Certificate, CertificateRequest
from volunteers.record.models.service_records import ServiceRecord
from yuanhang.core.models import User


@dataclass(frozen=True)
class Refusal:
    """An answer that was not taken: to which row, what was typed, and what the verb said."""

    row: CertificateRequest | ServiceRecord
    form: Form
    error: str = ""

    @property
    def words(self) -> str:
        """What is wrong, in one sentence, for a page on which the row stands no more."""
        if self.error:
            return self.error
        name, errors = next(iter(self.form.errors.items()))
        label = self.form.fields[name].label
        return f"{label}：{errors[0]}" if label else str(errors[0])


@dataclass(frozen=True)
class RequestCard:
    """A request for a certificate, with the forms to issue it and to decline it."""

    request: CertificateRequest
    issue_form: IssueForm
    decline_form: ReasonForm
    error: str = ""


@dataclass(frozen=True)
class EntryCard:
    """An entry that waits for a second person; `form` refuses it, `error` is what the verb said."""

    entry: ServiceRecord
    may_answer: bool
    form: AnswerForm
    error: str = ""


def with_minutes(requests: QuerySet[CertificateRequest]) -> QuerySet[CertificateRequest]:
    """The requests, each annotated with `minutes`: what the certificate would say, or NULL.

    The same rule as `certificates.entries_of`, in one query.
    """
    entries = ServiceRecord.objects.counting().order_by()
    entries = entries.filter(
        Q(user=OuterRef("user"), community=OuterRef("community")),
        on__gte=OuterRef("start"),
        on__lte=OuterRef("end"),
    )
    sums = entries.values("user").annotate(sum=Sum("minutes")).values("sum")
    return requests.annotate(minutes=Subquery(sums, output_field=IntegerField()))


def request_cards(
    requests: Iterable[CertificateRequest], refusal: Refusal | None = None
) -> list[RequestCard]:
    """The cards, filled in with who signed last time and whom to call: nobody types it twice."""
    signers = _last_signers({request.community_id for request in requests})
    cards = []
    for request in requests:
        forms = {
            IssueForm: IssueForm(initial=_initial(request, signers), auto_id=ids_of(request)),
            ReasonForm: ReasonForm(auto_id=ids_of(request)),
        }
        error = ""
        if refusal and refusal.row == request:
            forms[type(refusal.form)] = refusal.form
            error = refusal.error
        cards.append(RequestCard(request, forms[IssueForm], forms[ReasonForm], error))
    return cards


def entry_cards(
    entries: Iterable[ServiceRecord], user: User, refusal: Refusal | None = None
) -> list[EntryCard]:
    """The cards, as this member of staff may answer them."""
    cards = []
    for entry in entries:
        form, error = AnswerForm(auto_id=ids_of(entry)), ""
        if refusal and refusal.row == entry:
            form, error = refusal.form, refusal.error
        cards.append(EntryCard(entry, access.can_answer(user, entry), form, error))
    return cards


def ids_of(row: CertificateRequest | ServiceRecord) -> str:
    """The `auto_id` of the forms of a card: several cards stand on a page."""
    return f"id_%s_{row._meta.model_name}_{row.pk}"


def _initial(request, signers):
    signer, contact = signers.get(request.community_id, ("", ""))
    return {
        "person_in_charge": signer,
        "contact": contact or request.community.desk_phone,
    }


def _last_signers(communities):
    """{community: (person in charge, contact)} of its newest certificate."""
    newest = Certificate.objects.filter(community__in=communities)
    newest = newest.order_by("community", "-pk").distinct("community")
    columns = newest.values_list("community", "person_in_charge", "contact")
    return {community: (signer, contact) for community, signer, contact in columns}
