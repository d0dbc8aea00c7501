"""The real parts of tests, benches, fault runs and `make cluster`, each a private instance in a folder of its own.

Loopback only, free ports, no system service touched, several at once; each is stopped by its own process id.
"""

from deploy.local_services.local_service import LocalService
from deploy.local_services.minio import MinioGateway
from deploy.local_services.postgres import Postgres
from deploy.local_services.process import LocalServiceFailed, Process
from deploy.local_services.rabbitmq import RabbitMQ
from deploy.local_services.s3 import S3

__all__ = ["S3", "LocalService", "LocalServiceFailed", "MinioGateway", "Postgres", "Process", "RabbitMQ"]
