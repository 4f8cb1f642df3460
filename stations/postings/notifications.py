"""Who is told of a post."""

from datetime import timedelta

from stations.postings.models import Posting
from yuanhang.core.outbox import notices


def substitute_asked(post: Posting) -> None:
    """Tell the holder and the substitute, whose new post `post` is."""
    held = post.substitute_for
    if held is None or post.end is None:  # only a substitute's post has both
        return
    context = {"post": post, "holder": held.user, "back": post.end + timedelta(days=1)}
    for person, kind in ((held.user, "substituted"), (post.user, "substitute")):
        key = f"{kind}:{post.pk}"
        notices.send([person], f"stations.{kind}", key=key, context=context, url="/")
