"""The cluster: every service is a separate process, and RabbitMQ connects them. All of it can run on one machine."""
