"""Who may do what with activities, sessions and sign-ups."""

from stations.postings.access import scope_of


def can_organise(user):
    """Who makes activities at all: community staff and administrators."""
    return user.is_authenticated and (user.is_superuser or bool(scope_of(user).communities))
