"""Conditions in CEL: read, checked by name and type, evaluated, and reduced by what is known. Pure.

What may be named is each caller's own :class:`expressions.vocabulary.Vocabulary`.
"""
