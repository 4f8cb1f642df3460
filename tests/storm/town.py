"""The town of a storm: grids with a group robot each, and who takes part, each with a session.

python -m tests.storm.town <host of the robots> <number of grids>
"""

import json
import sys

import django

RIDERS, WORKERS, READERS = 10, 2, 2  # riders with an account; as many again report without one


def robot_key(number):
    """The key of the robot of a grid: what it is told, it is told under this name."""
    return f"robot-of-the-storm-{number:04d}"


def make(robot_host, grids):
    """{role: session keys}; both grid workers are told of every case."""
    # Django is set up by now.
    from stations.areas.models import Community
    from stations.postings.models import Posting
    from stations.robots.models import ChatRobot
    from tests.bench.places import logged_in
    from tests.factories.stations import (
        CommunityFactory,
        GridFactory,
        SubdistrictFactory,
        square,
    )
    from tests.factories.workers import UserFactory, post

    community = CommunityFactory(subdistrict=SubdistrictFactory(), name="远航社区", is_home=True)
    assert Community.objects.home() == community
    workers = [UserFactory() for _n in range(WORKERS)]
    for number in range(1, grids + 1):
        boundary = square(46.54, round(124.50 + 0.01 * number, 6))
        grid = GridFactory(community=community, number=number, boundary=boundary)
        url = f"https://{robot_host}/cgi-bin/webhook/send?key={robot_key(number)}"
        ChatRobot.objects.create(grid=grid, name=f"群{number}", url=url)
        for worker in workers:
            post(worker, Posting.Role.GRID_WORKER, grid)
    people = {"riders": RIDERS, "readers": READERS}
    made = {role: [logged_in(UserFactory()) for _n in range(n)] for role, n in people.items()}
    return made | {"workers": [logged_in(worker) for worker in workers]}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(make(sys.argv[1], int(sys.argv[2]))))
