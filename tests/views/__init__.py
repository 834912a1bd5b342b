"""Tests of the server of shared views."""
