"""What an errand's page shows one person."""

from dataclasses import dataclass
from datetime import datetime

from volunteers.errands import access
from volunteers.errands.forms import ErrandNoteForm
from volunteers.errands.models import Errand, ErrandClaim
from yuanhang.core.models import User


@dataclass(frozen=True, kw_only=True)
class ErrandPage:
    """How an errand stands for one person.

    `claim` is their newest claim on it, `in_hand` their live claim on any errand, `last_claim`
    the newest claim of anybody, for those who `may_manage`. `asks_first_until` is set while
    another, usual helper alone may take it.
    """

    claim: ErrandClaim | None
    in_hand: ErrandClaim | None
    last_claim: ErrandClaim | None
    is_free: bool
    asks_first_until: datetime | None
    may_claim: bool
    may_manage: bool
    note_form: ErrandNoteForm
    error: str

    @property
    def is_in_hand(self) -> bool:
        """Whether this person has it in hand: then, and only then, the address shows."""
        return self.claim is not None and self.claim.is_live


def errand_page_of(errand: Errand, user: User, *, error: str = "") -> ErrandPage:
    """The page of an errand for a person; `error` says what was refused."""
    may_manage = access.can_manage_errand(user, errand)
    return ErrandPage(
        claim=newest_claim(errand, user),
        in_hand=claim_in_hand(user),
        last_claim=errand.claims.select_related("helper").first() if may_manage else None,
        is_free=Errand.objects.on_offer().filter(pk=errand.pk).exists(),
        asks_first_until=errand.asks_first(user),
        may_claim=access.can_claim_errand(user, errand),
        may_manage=may_manage,
        note_form=ErrandNoteForm(),
        error=error,
    )


def newest_claim(errand: Errand, user: User) -> ErrandClaim | None:
    """The person's newest claim on this errand."""
    return errand.claims.filter(helper=user).order_by("-pk").first()


def claim_in_hand(user: User) -> ErrandClaim | None:
    """The claim whose lease runs; nobody has two."""
    return ErrandClaim.objects.live().filter(helper=user).select_related("errand").first()
