"""What waits for a person, as cards: each noun makes its own, the front page shows them first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The other answer to a card: `label` asks, `warning` says what follows, `sure` does it.

    It is sent to `url` with the fields of its card.
    """

    label: str
    warning: str
    sure: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """One thing that waits for the person's answer.

    `seal` is one character, `label` the word on the button. The button leads to `url`; where the
    card has `fields`, it sends them there as a form instead, so that one tap answers. `link` is
    where the rest of such a card leads. The earliest `due` comes first, then those without one.
    `asks` says on a chip what is wanted of the person, with `shape` and `tone` beside the word.
    """

    seal: str
    title: str
    text: str
    label: str
    url: str
    due: datetime | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    link: str = ""
    asks: str = ""
    shape: str = "●"
    tone: str = "brand"
    refusal: Refusal | None = None

    @property
    def order(self) -> tuple[bool, float]:
        return self.due is None, self.due.timestamp() if self.due else 0.0
