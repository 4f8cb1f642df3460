"""What every page shows: the operator's line and the number of unread notices."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject


def _unread(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return 0
    # Capped, so that a full inbox costs no more than an empty one.
    return user.notices.unread()[:100].count()


def site(request):
    """Names from the settings; the unread count only if the page asks for it."""
    return {
        "DEMO": settings.DEMO,
        "SITE_OPERATOR": settings.SITE_OPERATOR,
        "SITE_PHONE": settings.SITE_PHONE,
        "ICP_NUMBER": settings.ICP_NUMBER,
        "POLICE_NUMBER": settings.POLICE_NUMBER,
        "unread_notices": SimpleLazyObject(lambda: _unread(request)),
    }
