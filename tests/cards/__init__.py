"""Tests of what the clinician sees."""
