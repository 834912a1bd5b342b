"""Counts of ended calls, from which every report is made: pure."""
