"""Tests of citations and numbers."""
