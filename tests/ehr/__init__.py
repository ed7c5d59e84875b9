"""Tests of what the EHR supplied."""
