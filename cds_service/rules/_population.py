"""Whom the guideline covers: adults who are alive (rules 1.1). An unknown age is an adult's."""

from cds_service.evidence import Threshold
from cds_service.facts import Age, Snapshot

ADULT = Threshold(18, "a", "youngest age that the guideline covers", "house:scope", "age.adultMin", (18, 21))


def covered(snapshot: Snapshot) -> bool:
    """False for a patient who has died, and for one who may be under age."""
    if snapshot.person is not None and snapshot.person.deceased:
        return False
    return of_age(snapshot.age)


def of_age(age: Age | None) -> bool:
    """False for who may be under age."""
    return age is None or age.youngest >= ADULT.value
