"""The cluster: every service is a process of its own, connected by RabbitMQ. All of it can run on one machine."""
