"""The five people of the demonstration and the one passphrase that lets each of them in."""

from dataclasses import dataclass

from workbench.reviews.rules import Role

PASSPHRASE = "seventeen cement bridges"  # noqa: S105
"""Known to everybody who reads this, so the demonstration keeps out of a house with reviews of its own."""


@dataclass(frozen=True)
class Person:
    """An invented person and what they are in the review."""

    name: str
    email: str
    roles: tuple[Role, ...]

    def as_dict(self) -> dict[str, str]:
        """The person as `demo --json` prints it."""
        return {"name": self.name, "role": ", ".join(self.roles), "email": self.email}


LEAD = Person("Karen Holm", "karen.holm@example.org", (Role.LEAD,))
SECOND = Person("Jonas Lindqvist", "jonas.lindqvist@example.org", (Role.REVIEWER,))
JUDGE = Person("Tove Eriksen", "tove.eriksen@example.org", (Role.ADJUDICATOR, Role.METHODOLOGIST))
SPECIALIST = Person("Birgitte Aagaard", "birgitte.aagaard@example.org", (Role.SEARCH_SPECIALIST,))
OBSERVER = Person("Henrik Bang", "henrik.bang@example.org", (Role.OBSERVER,))
PEOPLE = (LEAD, SECOND, JUDGE, SPECIALIST, OBSERVER)
