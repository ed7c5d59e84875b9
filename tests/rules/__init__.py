"""Tests of the rules' floor beside the cases."""
