"""One more row for every list of the admin, within the reach of the town's staff."""

import itertools
from datetime import timedelta

from django.utils import timezone

from hazards.catalogue.models import Category, EndReason, ReplyTemplate, StandardCase, Symptom
from hazards.deadlines.models import WorkingSpan
from hazards.roads.models import RoadLine
from stations.houses import friendly_places
from stations.houses.models import EmergencyNumber, Facility, FriendlyPlace, Zone
from stations.pages.models import Page
from stations.robots.models import ChatRobot
from tests.factories.hazards import report
from tests.factories.rights import job_offer
from tests.factories.stations import (
    CommunityFactory,
    EstateFactory,
    GridFactory,
    LandmarkFactory,
    OrganisationFactory,
    StationFactory,
    StreetMapFactory,
    SubdistrictFactory,
)
from tests.factories.volunteers import (
    ActivityFactory,
    SkillFactory,
    TeamFactory,
    searched,
    served,
    session,
)
from tests.factories.volunteers import held as held_session
from tests.factories.workers import UserFactory, WorkerFactory, post
from volunteers.errands.models import Errand
from volunteers.record import certificates
from volunteers.skills.models import Course, Qualification
from volunteers.teams.models import Membership
from workers.aid import aid
from workers.aid.models import AidDesk
from workers.models import Platform, PrivacyNotice
from yuanhang.core import audit
from yuanhang.core.outbox import notices
from yuanhang.core.outbox.models import Delivery

_numbers = itertools.count(1)


def _person(town):
    return WorkerFactory(community=town.community).user


def _aid_desk(town):
    community = CommunityFactory(subdistrict=town.subdistrict)
    return AidDesk.objects.create(community=community, handler=UserFactory())


def _aid_request(town):
    desk = _aid_desk(town)
    return aid.ask(WorkerFactory(community=desk.community), text="难处")


def _friendly_place(town):
    place = FriendlyPlace(
        community=town.community,
        kind="merchant",
        name=f"面馆{next(_numbers)}",
        address="南六街",
        agreed_by="店长",
        agreed_on=timezone.localdate(),
    )
    return friendly_places.create(place, ["heating"], by=town.staff)


def _activity(town, **fields):
    return ActivityFactory(community=town.community, organiser=town.staff, **fields)


def _session(town):
    place = session(_activity(town), maximum=3)
    place.leader = _person(town)
    place.save()
    return place


def _standard(town):
    return StandardCase.objects.create(
        scheme="试", version="1", kind="part", code=f"9{next(_numbers):03d}", name="井盖",
        open_condition="缺失", close_condition="恢复", limit=2, unit="work_hours",
    )  # fmt: skip


def _working_span(town):
    number = next(_numbers)
    start = timezone.datetime(2026, 1, 1) + timedelta(minutes=20 * number)
    return WorkingSpan.objects.create(
        opens=start.time(), closes=(start + timedelta(minutes=10)).time()
    )


def _robot(town):
    key = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k{next(_numbers)}"
    return ChatRobot.objects.create(grid=town.six, name="群", url=key)


def _facility(town):
    zone = Zone.objects.create(station=town.station, name=f"分区{next(_numbers)}")
    return Facility.objects.create(zone=zone, seal="水", name="饮水机")


def _membership(town):
    team = TeamFactory(community=town.community)
    return Membership.objects.create(team=team, user=_person(town), joined_at=timezone.now())


def _errand(town):
    return Errand.objects.create(
        community=town.community,
        grid=town.six,
        kind="other",
        title=f"送药{next(_numbers)}",
        near="大集东口",
        due_on=timezone.localdate(),
        made_by=town.staff,
    )


def _record(town):
    person = _person(town)
    place = held_session(_activity(town), [person])
    served(place, {person: 30})
    return place.service_records.get()


def _certificate(town):
    record = _record(town)
    asked = certificates.request(record.user, community=town.community)
    return certificates.issue(asked, by=town.staff, person_in_charge="主任", contact="0459")


def _qualification(town):
    return Qualification.objects.create(
        user=_person(town), skill=SkillFactory(), source="registered", issuer="消防",
        since=timezone.localdate(), by=town.staff,
    )  # fmt: skip


def _notice(town):
    return notices.send(
        [town.rider], "workers.confirmed", key=f"k{next(_numbers)}",
        context={"worker": town.rider.worker},
    )[0]  # fmt: skip


MAKERS = {
    "yuanhang.user": lambda town: UserFactory(),
    "yuanhang.auditevent": lambda town: audit.record("core.test", town.six, by=town.staff),
    "yuanhang.notice": _notice,
    "yuanhang.delivery": lambda town: Delivery.objects.create(
        channel="sms", notice=_notice(town), state="unknown", error="TimeoutError"
    ),
    "stations.subdistrict": lambda town: SubdistrictFactory(),
    "stations.community": lambda town: CommunityFactory(subdistrict=town.subdistrict),
    "stations.grid": lambda town: GridFactory(community=town.community),
    "stations.landmark": lambda town: LandmarkFactory(community=town.community),
    "stations.station": lambda town: StationFactory(community=town.community),
    "stations.facility": _facility,
    "stations.friendlyplace": _friendly_place,
    "stations.estate": lambda town: EstateFactory(community=town.community),
    "stations.streetmap": lambda town: StreetMapFactory(
        community=CommunityFactory(subdistrict=town.subdistrict)
    ),
    "stations.page": lambda town: Page.objects.create(
        slug=f"page-{next(_numbers)}", title="说明", text="打 110"
    ),
    "stations.emergencynumber": lambda town: EmergencyNumber.objects.create(
        number=f"9{next(_numbers):04d}", label="热线"
    ),
    "stations.organisation": lambda town: OrganisationFactory(subdistrict=town.subdistrict),
    "stations.posting": lambda town: post(UserFactory(), "grid_worker", town.six),
    "stations.chatrobot": _robot,
    "hazards.roadline": lambda town: RoadLine.objects.create(
        community=town.community, text="周六大集绕行", last_day=timezone.localdate()
    ),
    "workers.joboffer": lambda town: job_offer(town),
    "workers.worker": lambda town: WorkerFactory(community=town.community),
    "workers.aiddesk": _aid_desk,
    "workers.aidrequest": _aid_request,
    "workers.platform": lambda town: Platform.objects.create(name=f"平台{next(_numbers)}"),
    "workers.privacynotice": lambda town: PrivacyNotice.objects.create(
        version=f"v{next(_numbers)}", text="告知"
    ),
    "hazards.hazard": lambda town: report(town.six, by=_person(town)),
    "hazards.category": lambda town: Category.objects.create(
        key=f"k{next(_numbers)}", seal="新", name="新类"
    ),
    "hazards.standardcase": _standard,
    "hazards.replytemplate": lambda town: ReplyTemplate.objects.create(
        verb="accept", text=f"马上去{next(_numbers)}"
    ),
    "hazards.endreason": lambda town: EndReason.objects.create(
        key=f"why-{next(_numbers)}", text="没有了"
    ),
    "hazards.symptom": lambda town: Symptom.objects.create(
        category=Category.objects.first(), text=f"词{next(_numbers)}"
    ),
    "hazards.workingspan": _working_span,
    "volunteers.skill": lambda town: SkillFactory(),
    "volunteers.course": lambda town: Course.objects.create(
        title=f"课{next(_numbers)}", skill=SkillFactory()
    ),
    "volunteers.qualification": _qualification,
    "volunteers.team": lambda town: TeamFactory(community=town.community),
    "volunteers.membership": _membership,
    "volunteers.activity": _activity,
    "volunteers.activitysession": _session,
    "volunteers.errand": _errand,
    "volunteers.searchnotice": lambda town: searched(town),
    "volunteers.servicerecord": _record,
    "volunteers.certificate": _certificate,
}
