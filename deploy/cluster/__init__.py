"""The cluster: every service is a separate process, and RabbitMQ connects them. All processes can run on one machine."""
