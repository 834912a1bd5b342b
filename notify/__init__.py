"""Messages to the outside: e-mail and webhooks, kept in an outbox until they are delivered."""
