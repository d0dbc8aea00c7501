"""The notification service: it decides which accounts get which message, writes the messages, and stores which messages an
account has read. It also sends e-mails, SMS and webhooks. An audience of a message is an account, an organisation, a role, or the
officials of a bureau."""
