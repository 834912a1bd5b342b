"""Shared views: what of a shopper's page agents see, and what they may do on it. Pure."""
