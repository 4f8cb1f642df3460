"""Who may do what with activities, sessions and sign-ups."""

from stations.postings.access import serves_community


def can_end_search(user, notice):
    """Staff of the community say that the missing person was found."""
    return serves_community(user, notice.community_id)
