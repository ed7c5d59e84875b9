"""Trust: whether a call comes from an EHR that may call, by the signed token which it carries.

Nothing of a token is believed before its signature is right; before that it only tells which EHR's keys to try.
"""
