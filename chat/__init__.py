"""Chats between shoppers and agents. See docs/chat.md."""
