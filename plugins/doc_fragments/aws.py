# Copyright: slipway.flask contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a module reaches AWS: the options of amazon.aws, said here because nobody has to have that collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  region:
    description: Region of AWS. E(AWS_REGION) and the profile say it, too.
    type: str
    aliases: [aws_region, ec2_region]
  profile:
    description: A profile of the AWS command line tools. Not beside O(access_key).
    type: str
    aliases: [aws_profile]
  access_key:
    description: Access key. E(AWS_ACCESS_KEY_ID) says it, too.
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description: Secret access key. E(AWS_SECRET_ACCESS_KEY) says it, too.
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description: Token of a session. E(AWS_SESSION_TOKEN) says it, too.
    type: str
    aliases: [aws_session_token]
  endpoint_url:
    description: Another address than that of AWS.
    type: str
    aliases: [aws_endpoint_url]
  validate_certs:
    description: Whether certificates are verified.
    type: bool
    default: true
  aws_ca_bundle:
    description: File of the authorities to verify them by.
    type: path
  aws_config:
    description: Settings of botocore's clients.
    type: dict
  debug_botocore_endpoint_logs:
    description: Return the requests that were made, as C(resource_actions).
    type: bool
    default: false
requirements:
  - collection amazon.aws, with boto3
"""
