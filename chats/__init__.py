"""What runs the live chats. See docs/chat.md."""
