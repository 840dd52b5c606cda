# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWS with an Elastic Beanstalk that really runs bundles, on top of moto's server.

No real account of AWS was ever reached. What this models was read in AWS's documentation, in botocore's model of the
API, and in the platform's own command line tool, which is also run against it.

Modelled: versions and their processing, environments, options and their precedence, properties and secrets, events,
.ebextensions with option_settings and container_commands, .platform with hooks and confighooks, requirements.txt,
Procfile, deployments all at once and immutable, health, tags. A web process listens on PORT, which is another for each
instance, since all are on one host.

Not modelled: nginx and its headers, TLS, load balancers, scaling (an environment has one instance), rolling and split
deployments (they are all at once), the other keys of .ebextensions (an error), worker environments, managed updates,
IAM permissions, Amazon Linux (it is Debian), throttling, and time: what takes minutes there takes seconds here. RDS is
records only; a PostgreSQL of the host is there for it. An address is a port of 127.0.0.1.
"""

from __future__ import annotations

import os
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

# applications adds its operations when it is imported
from . import applications, environments, work


def main() -> None:
    assert applications.__name__  # it has added its operations
    environments.install()
    threading.Thread(target=work.watch, daemon=True).start()
    application = DomainDispatcherApplication(create_backend_app)
    run_simple("0.0.0.0", int(os.environ["BEANSTALK_PORT"]), application, threaded=True)


if __name__ == "__main__":
    main()
