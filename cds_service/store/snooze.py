"""Snooze: for how long an overridden card is not repeated, unless a site says otherwise."""

from cds_service.evidence import Threshold

SNOOZE = Threshold(
    90, "d", "days for which an overridden card is not repeated", "cdc-opioid-cds", "feedback.snoozeDays"
)
