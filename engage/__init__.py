"""Engagement: which shoppers are invited to talk, decided from facts, rules and what is remembered. Pure.

The server decides and the page obeys: it tells facts, shows what it is told, and asks again when told to.
"""
