"""The bus over RabbitMQ: here, and nowhere else in the services, nameko, amqp and eventlet are at home."""
