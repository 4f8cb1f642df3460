"""What the tests of nearby share."""

from django.utils import timezone

from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import form, report, stored_photo, stored_voice
from tests.factories.workers import UserFactory, WorkerFactory
from yuanhang.core import geo

URL, REPORT = "/hazards/nearby/", "/hazards/report/"
HERE = (46.5450, 124.9450)
AT = {"category": "manhole", "latitude": str(HERE[0]), "longitude": str(HERE[1]), "accuracy": "9"}


def at_point(town, north_metres=0.0, **fields):
    """A report so many metres north of HERE."""
    point = geo.Point(HERE[0] + north_metres / 111_195, HERE[1], 10.0, "wgs84")
    return report(town.six, point=point, **fields)


def pictured():
    return Attachments(
        photos=[stored_photo(media.jpeg(800, 600))], voices=[stored_voice(media.wav(1.0))]
    )


def send(client, **fields):
    """Send a report from HERE; the case it made, which is always one."""
    response = client.post(REPORT, AT | form(description="我也看到了") | fields)
    assert response.status_code == 302, response.context["form"].errors
    return Hazard.objects.get(receipt_token=response.url.split("/")[-2])


# --- pictures -------------------------------------------------------------------------------


def confirmed(town):
    """A registered worker whom staff have confirmed."""
    user = UserFactory()
    WorkerFactory(
        user=user, community=town.community, station=town.station, confirmed_at=timezone.now()
    )
    return user
