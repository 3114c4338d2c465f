"""moto's S3 as a server for tests, with one user, one bucket, and signatures checked.

    s3_server.py PORT BUCKET FILE    serves on 127.0.0.1:PORT; writes "KEY SECRET" of the user to FILE when it does

One request at a time: moto looks whether a key exists and writes it in two steps, which would let two creators win. What it
keeps is in memory and ends with it.
"""

import os
import sys

from moto import settings
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


def main(port, bucket, file):
    users = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    users.create_user("us-east-1", "nutkin")
    users.put_user_policy("nutkin", "everything", POLICY)
    key = users.create_access_key("nutkin")
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(bucket, "us-east-1")
    # From the first request on.
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    ActionAuthenticatorMixin.request_count = 0
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", port, application, request_handler=MotoRequestHandler)
    partial = file + ".part"
    with open(partial, "w") as out:
        out.write(f"{key.access_key_id} {key.secret_access_key}\n")
    os.rename(partial, file)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
