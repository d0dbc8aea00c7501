"""The message bus over RabbitMQ. No other package of the services imports nameko, amqp or eventlet."""
