"""What is on, and one activity with its sessions."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from volunteers.models import Activity


@require_safe
def activity(request, pk):
    """One activity, with its sessions."""
    found = get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)
    return render(request, "volunteers/activity.html", {"activity": found})
