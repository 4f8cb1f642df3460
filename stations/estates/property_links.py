"""The property's link: a random key that is stored as a digest, and six digits told separately.

Five wrong codes pause the device that sent them, and no other; the right one from elsewhere opens.
After very many wrong ones, from however many devices, the code is used up: staff renew it.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from stations.estates.access import PROPERTY, can_keep, capacity_of
from stations.estates.facts import held
from stations.estates.link_models import PropertyLink, WrongCode
from stations.estates.models import Estate
from yuanhang.core import audit
from yuanhang.core.erasures import erasures
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.models import User

KEY_BYTES = 16  # 128 bits
WRONG_MAX = 5  # of one device
PAUSE = timedelta(hours=1)
# Of all devices within a day: a chance of one in five thousand to guess it.
USED_UP = 200


class WrongCodeError(NotAllowedNowError):
    """The code is not the right one, or this device has to wait."""


def digest_of(key: str) -> str:
    """What of a key is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


def find(key: str) -> PropertyLink | None:
    """The link with this key, with its estate; None for any other."""
    rows = PropertyLink.objects.select_related("estate")
    return rows.filter(digest=digest_of(key), estate__is_listed=True).first()


@transaction.atomic
def give(estate: Estate, *, by: User) -> str:
    """A new key and a new code; the old link is dead. Returns the key, which is shown once.

    Raises NotAllowedNowError for somebody who does not keep the estate.
    """
    place = _kept(estate, by)
    key = secrets.token_urlsafe(KEY_BYTES)
    link = PropertyLink.objects.filter(estate=place).first() or PropertyLink(estate=place)
    link.digest = digest_of(key)
    _renew(link)
    audit.record("stations.give_property_link", place, by=by, role=capacity_of(by, place))
    return key


@transaction.atomic
def renew_code(estate: Estate, *, by: User) -> PropertyLink:
    """A new code for the same link; whoever came in with the old one is out.

    Raises NotAllowedNowError where there is no link, and as `give`.
    """
    place = _kept(estate, by)
    link = PropertyLink.objects.select_for_update().filter(estate=place).first()
    if link is None:
        raise NotAllowedNowError(_("还没有给物业的链接，先给一个。"))
    _renew(link)
    audit.record("stations.renew_property_code", place, by=by, role=capacity_of(by, place))
    return link


@transaction.atomic
def revoke(estate: Estate, *, by: User) -> None:
    """The link opens nothing any more. Raises NotAllowedNowError as `renew_code`."""
    place = _kept(estate, by)
    if not erasures.delete(PropertyLink.objects.filter(estate=place)):
        raise NotAllowedNowError(_("已经收回了。"))
    audit.record("stations.revoke_property_link", place, by=by, role=capacity_of(by, place))


def _kept(estate, by):
    place = held(estate)
    if not can_keep(by, place):
        raise NotAllowedNowError(_("你不管这个小区。"))
    return place


def _renew(link):
    is_new = link.pk is None
    link.code = f"{secrets.randbelow(1_000_000):06d}"
    link.version = 1 if is_new else link.version + 1
    link.made_at = timezone.now()
    link.save()
    if not is_new:
        erasures.delete(link.wrong_codes.all())


def open_with(link: PropertyLink, code: str, *, device: str) -> PropertyLink:
    """Let a device in that says the right code.

    Raises WrongCodeError else: what was wrong is counted, so that is not undone with it.
    """
    with transaction.atomic():
        row = PropertyLink.objects.select_for_update().get(pk=link.pk)
        refusal = _refusal(row, code, device)
        if not refusal:
            audit.record("stations.open_property_link", row.estate, role=PROPERTY)
    if refusal:
        raise WrongCodeError(refusal)
    return row


def _refusal(link, code, device):
    now = timezone.now()
    wrong = link.wrong_codes.filter(device=device, at__gt=now - PAUSE).count()
    if wrong >= WRONG_MAX:
        return _("这台设备输错太多次了，过一个小时再来，或者换一台。")
    if link.wrong_codes.count() >= USED_UP:
        return _("这个码用不了了，请社区换一个，一分钟就好。")
    if constant_time_compare(code, link.code):
        return ""
    WrongCode.objects.create(link=link, device=device, at=now)
    left = WRONG_MAX - wrong - 1
    if not left:
        return _("码不对。这台设备先停一个小时，换一台还能输。")
    return _("码不对，还能试 %(n)d 次。") % {"n": left}
