"""The real servers for tests, benches, fault runs and `make cluster`. Each is a private instance in its own folder.

They use only loopback and free ports and change no system service; several instances can run at the same time. Each is stopped by
its own process id.
"""

from deploy.local_services.local_service import LocalService
from deploy.local_services.minio import MinioGateway
from deploy.local_services.postgres import Postgres
from deploy.local_services.process import LocalServiceFailed, Process
from deploy.local_services.rabbitmq import RabbitMQ
from deploy.local_services.s3 import S3

__all__ = ["S3", "LocalService", "LocalServiceFailed", "MinioGateway", "Postgres", "Process", "RabbitMQ"]
