"""Leads: follows calls and chats for shoppers whom nobody served, and sees that they are answered."""
