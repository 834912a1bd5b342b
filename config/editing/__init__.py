"""Edits of a settings file that keep every character they do not touch: pure, from text to text."""
