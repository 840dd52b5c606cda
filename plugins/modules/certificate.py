#!/usr/bin/python
# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
short_description: Have a certificate for a site on a host
version_added: 0.1.0
description:
  - Makes a certificate that the host signs itself, or asks an authority for one, by ACME over HTTP-01, with certbot.
  - A new one is due when there is none, when its names or its authority are others, and when it is about to end.
  - With O(method=acme), the front server has to answer on port 80 below C(/.well-known/acme-challenge/) from
    C(/var/lib/slipway-acme), as the role P(slipway.flask.site#role) sees to. The timer of Debian's certbot renews the
    certificate from then on, and the front server is reloaded.
  - Asking an authority accepts its terms of service.
author: slipway.flask contributors (@slipway)
extends_documentation_fragment: [slipway.flask.attributes]
options:
  name:
    description:
      - Name of the app. Its certificate is C(/etc/slipway/NAME/self_signed.pem), or C(slipway-NAME) of certbot.
    type: str
    required: true
  method:
    description: Who signs it.
    type: str
    choices: [self_signed, acme]
    required: true
  names:
    description: The names it is for. None, and the host signs one for its own name.
    type: list
    elements: str
    required: true
  directory:
    description: Address of the authority's ACME directory.
    type: str
    default: ""
  mail:
    description: Where the authority may write to. Empty registers without.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Have a certificate
  slipway.flask.certificate:
    name: blog
    method: acme
    names: [blog.example.org, www.blog.example.org]
    directory: https://acme-v02.api.letsencrypt.org/directory
"""

RETURN = r"""
plan:
  {description: 'What was done, or in check mode would be done, and why.', returned: success, type: list, elements: str}
"""

import socket

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.slipway.flask.plugins.module_utils._core.certificate import Wish
from ansible_collections.slipway.flask.plugins.module_utils._core.errors import SlipwayError
from ansible_collections.slipway.flask.plugins.module_utils._host import certificates


def main() -> None:
    word = {"type": "str", "required": True}
    spec = {
        "name": word,
        "method": {**word, "choices": ["self_signed", "acme"]},
        "names": {"type": "list", "elements": "str", "required": True},
        "directory": {"type": "str", "default": ""},
        "mail": {"type": "str", "default": ""},
    }
    module = AnsibleModule(
        argument_spec=spec, required_if=[("method", "acme", ("directory",))], supports_check_mode=True
    )
    name, wanted, check = module.params["name"], tuple(module.params["names"]), module.check_mode
    try:
        if module.params["method"] == "acme":
            plan = certificates.ask(name, Wish(wanted, module.params["directory"]), module.params["mail"], check)
        else:
            plan = certificates.sign(name, Wish(wanted or (socket.gethostname(),)), check)
    except SlipwayError as error:
        module.fail_json(msg=str(error))
    before = {"before": "", "after": "".join(f"{line}\n" for line in plan), "after_header": "certificate"}
    module.exit_json(changed=bool(plan), plan=plan, diff=before if plan else {})


if __name__ == "__main__":
    main()
