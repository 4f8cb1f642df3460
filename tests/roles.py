"""The roles of the permission table, and how its rows are written."""

ROLES = (  # noqa: SIM905 - one line reads better than ten
    "guest stranger rider grid_worker other_grid_worker staff other_staff officer admin holder"
).split()
# Roles: `rider` reported the case in grid six, `grid_worker` holds that grid, `staff` that
# community, `officer` the subdistrict; the "other" ones hold the places next door; `stranger` is
# logged in, no more; `holder` is a guest with the receipt's private link, for which the others
# have to guess.
# Cells: a status, `login` for a redirect to the log-in page, `on` for one that leads further.


def row(cells):
    """Ten cells, in the order of ROLES."""
    return dict(zip(ROLES, cells.split(), strict=True))


OPEN = row("200 " * 10)
POST_ONLY = row("405 " * 10)
PERSONAL = row("login" + " 200" * 8 + " login")
