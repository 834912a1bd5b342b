"""Leads: follows calls and chats for shoppers nobody served, and sees that they are answered."""
