"""Answers before contact: what a shop answers by itself, and what shoppers asked. Pure."""
