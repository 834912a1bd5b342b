"""Checks that several sections share."""
