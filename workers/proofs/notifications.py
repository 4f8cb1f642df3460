"""Who hears of a proof: staff of its community, and whose it is."""

from django.urls import reverse
from django.utils import timezone

from stations.postings.access import community_staff_keys
from workers.proofs.models import Proof
from yuanhang.core.outbox import notices


def registered(proof: Proof) -> None:
    """Somebody stopped to help; staff look when they have time."""
    notices.send(
        [key for key in community_staff_keys(proof.community_id) if key != proof.rider_id],
        "workers.proof_registered",
        key=f"proof:{proof.pk}:registered",
        context={"proof": proof},
        url=reverse("workers:proofs-waiting"),
    )


def confirmed(proof: Proof) -> None:
    """It is confirmed, and can be printed."""
    _tell_rider(proof, "proof_confirmed")


def declined(proof: Proof) -> None:
    """It could not be confirmed, and says so."""
    _tell_rider(proof, "proof_declined")


def _tell_rider(proof, kind):
    notices.send(
        [proof.rider_id],
        f"workers.{kind}",
        key=f"proof:{proof.pk}:{kind}:{timezone.now().isoformat()}",
        context={"proof": proof},
        url=proof.get_own_url(),
        supersedes=True,
    )
