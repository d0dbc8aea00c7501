"""The cluster shape: every service its own process, RabbitMQ between them; and all of it on one machine."""
