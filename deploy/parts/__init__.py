"""The real parts of tests, benches, fault runs and `make cluster`, each a private instance in a folder of its own.

Loopback only, free ports, no system service touched, several at once; each is stopped by its own process id.
"""

from deploy.parts.minio import MinioGateway
from deploy.parts.part import Part
from deploy.parts.postgres import Postgres
from deploy.parts.process import PartFailed, Process
from deploy.parts.rabbitmq import RabbitMQ
from deploy.parts.s3 import S3

__all__ = ["S3", "MinioGateway", "Part", "PartFailed", "Postgres", "Process", "RabbitMQ"]
