"""Where maps get their ground from. The floor draws maps in forms and knows no streets: the app
that has them says here at which address they lie.
"""

from collections.abc import Callable

_address: list[Callable[[bool], str]] = []


def register(address: Callable[[bool], str]) -> None:
    """Let `address(names_version)` say where the ground lies."""
    _address[:] = [address]


def address(names_version: bool = True) -> str:
    """The address of the ground as it is now; empty where nobody has any.

    Without its version no question is asked, and the answer is kept for a minute instead of for
    good: for pages on which hardly anybody opens the map.
    """
    return _address[0](names_version) if _address else ""
