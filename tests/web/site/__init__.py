"""Tests of the site's own file."""
