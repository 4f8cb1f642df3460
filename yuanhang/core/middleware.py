"""Our own error pages also in the demo, which runs with DEBUG on."""

from django.conf import settings
from django.shortcuts import render


class PlainErrors:
    """Replaces Django's technical 404 page in demo mode by the one that people see.

    A newcomer who mistypes an address in the demo should see the product, not its URL patterns.
    Errors in the code keep Django's page: whoever runs the demo from a checkout wants it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        technical = (
            settings.DEBUG
            and settings.DEMO
            and response.status_code == 404
            and not getattr(response, "streaming", False)
            and b"DEBUG = True" in response.content
        )
        return render(request, "404.html", status=404) if technical else response
