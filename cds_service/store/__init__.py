"""Memory: which cards were shown, what was done with them, and what is therefore not shown again.

It knows ids, not patients: a patient, a user and an order are keyed hashes, and no value, name or text is kept.
"""
