"""The demo's two teams and one search for a missing person, who is fictional and drawn."""

import io
from datetime import timedelta

from django.utils import timezone

from stations.areas.models import Community
from volunteers.activities.models.activities import Activity
from volunteers.searches import searches
from volunteers.searches.models import SearchNotice
from volunteers.teams import teams
from volunteers.teams.models import Team
from yuanhang.core.media import photos
from yuanhang.demo.records import happening
from yuanhang.demo.sheet import Sheet

VANGUARD = "骑手们自己拉起来的先锋队，雪天扫路口、节前查隐患。"
VOLUNTEERS = "空了就来：大集疏导、敲门送药、教老人用手机。不会的有人带。"


def make_teams(riders, staff):
    """A vanguard team and a volunteers' team with leaders and members, who joined last year."""
    home = Community.objects.home()
    squads = [
        Team.objects.create(
            community=home, name="远航先锋骑手队（演示）", kind=Team.Kind.VANGUARD, text=VANGUARD
        ),
        Team.objects.create(
            community=home,
            name="新业态志愿服务队（演示）",
            kind=Team.Kind.VOLUNTEER,
            text=VOLUNTEERS,
        ),
    ]
    with happening(timezone.now() - timedelta(days=400)):
        for team, people in zip(squads, (riders[1:6], riders[:9]), strict=True):
            _fill(team, people, staff)
    return squads


def make_news(squads, riders, staff):
    """What happens today: somebody asks to join, and somebody is missing."""
    home = squads[1].community
    # Its members helped on market days, so it has something to show.
    Activity.objects.filter(community=home, title__startswith="大集东口").update(team=squads[1])
    Activity.objects.filter(community=home, title__startswith="大集西口").update(team=squads[1])
    teams.ask_to_join(squads[1], by=riders[12])
    make_search(home, riders, staff)


def _fill(team, people, staff):
    """The first one leads; every other one agreed to be seen."""
    for index, user in enumerate(people):
        member = teams.ask_to_join(team, by=user)
        if index == 0:
            teams.appoint_leader(team, member.pk, by=staff)
        else:
            teams.answer_asker(team, member.pk, by=people[0], is_accepted=True)
        if index % 2 == 0:
            teams.show_membership(team, by=user)


def make_search(community, riders, staff):
    """An old man lost since this morning; two grids were looked through."""
    notice = SearchNotice(
        community=community,
        name="走失老人（演示）",
        last_seen_at=timezone.now() - timedelta(hours=2),
        last_seen_place="大集东口公交站牌旁",
        text="穿深蓝棉袄，戴灰帽子，拎一个布袋子，走得慢。",
    )
    photo = photos.process(io.BytesIO(draw_person()))
    searches.activate(notice, by=staff, photo=photo)
    for grid, rider in zip(community.grids.order_by("number")[1:3], riders[3:5], strict=True):
        area = searches.mark_area(notice, grid, by=rider)
        area.at -= timedelta(minutes=5 * area.grid.number)
        area.save()
    return notice


def draw_person():
    """A figure in a blue coat and a grey cap before a wall, as JPEG bytes; nobody's likeness."""
    sheet = Sheet((720, 900), "person")
    sheet.wall((170, 150, 132), (146, 126, 110), 0, 0.78)
    sheet.ground(0.78, (118, 116, 112), (150, 148, 143))
    coat, dark, skin, cap = (44, 62, 98), (34, 48, 78), (222, 186, 154), (112, 114, 120)
    sheet.shadow(0.52, 0.97, 0.3, 0.03)
    for x in (0.38, 0.53):
        sheet.box((52, 50, 54), x, 0.78, 0.1, 0.19, 0.15)
    sheet.shape(coat, (0.4, 0.37), (0.61, 0.37), (0.72, 0.84), (0.3, 0.84))
    sheet.shape(dark, (0.4, 0.39), (0.34, 0.42), (0.23, 0.7), (0.31, 0.72), (0.4, 0.52))
    sheet.shape(dark, (0.61, 0.39), (0.67, 0.42), (0.78, 0.7), (0.7, 0.72), (0.61, 0.52))
    for x in (0.265, 0.745):
        sheet.disc(skin, x, 0.72, 0.034)
    sheet.box((176, 150, 104), 0.67, 0.74, 0.17, 0.14, 0.08)
    sheet.line((150, 124, 82), 0.01, (0.7, 0.75), (0.745, 0.7), (0.8, 0.75))
    sheet.line(dark, 0.006, (0.505, 0.4), (0.505, 0.84))
    sheet.box(skin, 0.47, 0.31, 0.07, 0.08)
    sheet.disc(skin, 0.505, 0.24, 0.092)
    sheet.disc(cap, 0.505, 0.192, 0.1, 0.055)
    sheet.box(cap, 0.4, 0.192, 0.21, 0.024, 0.1)
    for x in (0.47, 0.54):
        sheet.disc((58, 44, 40), x, 0.243, 0.009)
    sheet.line((196, 156, 126), 0.008, (0.505, 0.25), (0.497, 0.272), (0.509, 0.274))
    sheet.line((150, 96, 84), 0.006, (0.48, 0.295), (0.53, 0.295))
    for x in (0.45, 0.523):
        sheet.line((208, 206, 202), 0.007, (x, 0.228), (x + 0.034, 0.226))
    return sheet.finish()
