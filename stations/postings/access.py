"""Who holds what: scopes from postings. Every `visible_to` above builds on these."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from stations.areas.models import Community, Grid, Subdistrict
from stations.postings.models import Posting, Scope
from yuanhang.core.kept_answers import kept
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
    postings = list(
        postings.select_related("grid__community", "station", "community", "subdistrict")
    )
    # Whoever asks for the scope behind this asks nothing anew.
    Posting.objects.keep_scope(user, postings)
    names = []
    for posting in postings:
        names.append(str(posting.place))
        if posting.grid:
            names.append(str(posting.grid.community))
    return " · ".join(dict.fromkeys(names))


def grid_workers(grid: Grid) -> QuerySet[User]:
    """Active people who hold a grid now and are not away."""
    present = Posting.objects.present().filter(grid=grid)
    return User.objects.filter(pk__in=present.values("user"))


def workers_of(grid: Grid) -> list[User]:
    """As `grid_workers`; who they are is kept until a posting changes or a day is over."""
    keys = _keys_of_workers(grid.pk, timezone.localdate())
    return list(User.objects.filter(pk__in=keys, is_active=True)) if keys else []


@kept("stations_posting")
def _keys_of_workers(grid: int, day: date) -> tuple[int, ...]:
    holders = Posting.objects.attended(day).filter(grid=grid).order_by()
    return tuple(holders.values_list("user", flat=True).distinct())


def grids_held(day: date | None = None) -> QuerySet[Posting]:
    """Primary keys of the grids that somebody present holds (today), for a condition."""
    return Posting.objects.present(day).filter(grid__isnull=False).order_by().values("grid")


def can_appoint(user: User, posting: Posting | None = None) -> bool:
    """Staff give, end and substitute grid workers of their community; no other post.

    Without a posting: whether there is any that this person may give.
    """
    if not user.is_authenticated:
        return False
    if user.is_superuser:
        return True
    communities = scope_of(user).communities
    if posting is None:
        return bool(communities)
    is_grid = posting.role in Posting.GRID_ROLES and posting.grid_id is not None
    return is_grid and posting.grid.community_id in communities


def can_substitute(user: User, posting: Posting) -> bool:
    """Whether somebody may be asked to stand in for the holder: of a grid, while the post lasts."""
    is_over = posting.end is not None and posting.end < timezone.localdate()
    return posting.role in Posting.GRID_ROLES and not is_over and can_appoint(user, posting)


def posts_to_fill(user: User) -> QuerySet[Posting]:
    """The posts for which `user` may ask somebody to stand in, grid by grid."""
    grids = Grid.objects.filter(community__in=own_communities(user))
    posts = Posting.objects.ongoing().filter(role__in=Posting.GRID_ROLES, grid__in=grids)
    return posts.filter(user__is_active=True).order_by("grid__community", "grid__number", "pk")


def grid_is_held(grid_id: int | None, *, but_by: int | None = None) -> bool:
    """Whether somebody present holds a grid now; nobody holds what lies outside all of them.

    `but_by` is the key of a person who does not count.
    """
    if grid_id is None:
        return False
    held = grids_held().filter(grid=grid_id)
    return (held if but_by is None else held.exclude(user=but_by)).exists()


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
