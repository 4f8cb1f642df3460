"""Who holds what: scopes from postings. Every `visible_to` above builds on these."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from stations.areas.models import Community, Grid, Subdistrict
from stations.houses.models import Station
from stations.postings.models import Posting, Scope, posts_of
from yuanhang.core.kept_rows import rows_of
from yuanhang.core.models import User

Viewer = User | AnonymousUser
Place = TypeVar("Place", Grid, Station, Community, Subdistrict)


def scope_of(user: Viewer) -> Scope:
    """The current `Scope` of a user (empty for guests), as kept until a post changes."""
    return Posting.objects.scope_of(user)


def own_communities(user: User) -> QuerySet[Community]:
    """The communities a member of staff serves; administrators serve all of them."""
    rows = Community.objects.all()
    return rows if user.is_superuser else rows.filter(pk__in=scope_of(user).communities)


def has_post(user: Viewer) -> bool:
    """Whether the user holds any post now, or administers the site."""
    return user.is_authenticated and (user.is_superuser or bool(scope_of(user)))


def places_in_words(user: User) -> str:
    """「第六网格 · 远航社区」: where the user serves now, for a page's heading; of kept rows."""
    scope, names = scope_of(user), []
    for grid in _places(Grid, scope.grids):
        names += [str(grid), str(grid.community)]
    for model, keys in (
        (Station, scope.stations),
        (Community, scope.communities),
        (Subdistrict, scope.subdistricts),
    ):
        names += map(str, _places(model, keys))
    return " · ".join(dict.fromkeys(names))


def _places(model: type[Place], keys: Iterable[int]) -> list[Place]:
    found = rows_of(model, keys)
    return [found[key] for key in sorted(found)]


def grid_worker_keys(grid_id: int | None) -> tuple[int, ...]:
    """Keys of the active people who hold a grid now and are not away; nobody outside all grids."""
    return posts_of(timezone.localdate()).grids.get(grid_id or 0, ())


def station_keeper_keys(station_id: int) -> tuple[int, ...]:
    """Keys of the active keepers of a station now."""
    return posts_of(timezone.localdate()).stations.get(station_id, ())


def community_staff_keys(community_id: int) -> tuple[int, ...]:
    """Keys of the active staff of a community now."""
    return posts_of(timezone.localdate()).communities.get(community_id, ())


def centre_officer_keys(subdistrict_id: int) -> tuple[int, ...]:
    """Keys of the active officers of a subdistrict's governance centre now."""
    return posts_of(timezone.localdate()).subdistricts.get(subdistrict_id, ())


def grid_workers(grid: Grid) -> QuerySet[User]:
    """Active people who hold a grid now and are not away."""
    return _people(grid_worker_keys(grid.pk))


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
    return any(key != but_by for key in grid_worker_keys(grid_id))


def community_staff(community: Community) -> QuerySet[User]:
    """Active staff of a community now."""
    return _people(community_staff_keys(community.pk))


def centre_officers(subdistrict: Subdistrict) -> QuerySet[User]:
    """Active officers of a subdistrict's governance centre now."""
    return _people(centre_officer_keys(subdistrict.pk))


def _people(keys: tuple[int, ...]) -> QuerySet[User]:
    return User.objects.filter(pk__in=keys)


def serves_community(user: Viewer, community_id: int) -> bool:
    """Staff of a community; administrators serve all of them."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or community_id in scope_of(user).communities
