"""Who holds what: scopes from postings. Every `visible_to` above builds on these."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from stations.areas.models import Community, Grid, Subdistrict
from stations.postings.models import Posting, Scope
from yuanhang.core.models import User

Viewer = User | AnonymousUser


def scope_of(user: Viewer) -> Scope:
    """The current `Scope` of a user (empty for guests); one query per request."""
    return Posting.objects.scope_of(user)


def own_communities(user: User) -> QuerySet[Community]:
    """The communities a member of staff serves; administrators serve all of them."""
    rows = Community.objects.all()
    return rows if user.is_superuser else rows.filter(pk__in=scope_of(user).communities)


def has_post(user: Viewer) -> bool:
    """Whether the user holds any post now, or administers the site."""
    return user.is_authenticated and (user.is_superuser or bool(scope_of(user)))


def places_in_words(user: User) -> str:
    """「第六网格 · 远航社区」: where the user serves now, for a page's heading; one query."""
    postings = Posting.objects.current().filter(user_id=user.pk).order_by("pk")
    names = []
    for posting in postings.select_related(
        "grid__community", "station", "community", "subdistrict"
    ):
        names.append(str(posting.place))
        if posting.grid:
            names.append(str(posting.grid.community))
    return " · ".join(dict.fromkeys(names))


def grid_workers(grid: Grid) -> QuerySet[User]:
    """Active people who hold a grid now."""
    return _holders(Posting.objects.filter(grid=grid))


def grid_is_held(grid_id: int | None) -> bool:
    """Whether anybody active holds a grid now; nobody holds what lies outside all of them."""
    if grid_id is None:
        return False
    return Posting.objects.current().filter(grid_id=grid_id, user__is_active=True).exists()


def held_grids() -> QuerySet[Posting]:
    """Current postings of active people by `grid`, for asking of many rows at once."""
    return Posting.objects.current().filter(grid__isnull=False, user__is_active=True)


def community_staff(community: Community) -> QuerySet[User]:
    """Active staff of a community now."""
    return _holders(Posting.objects.filter(community=community))


def centre_officers(subdistrict: Subdistrict) -> QuerySet[User]:
    """Active officers of a subdistrict's governance centre now."""
    return _holders(Posting.objects.filter(subdistrict=subdistrict))


def _holders(postings):
    return User.objects.filter(pk__in=postings.current().values("user"), is_active=True)


def serves_community(user: Viewer, community_id: int) -> bool:
    """Staff of a community; administrators serve all of them."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or community_id in scope_of(user).communities
