# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and certificates as somebody brings them, or as an authority of a company gives them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def pem(private: EllipticCurvePrivateKey) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signed(private: EllipticCurvePrivateKey, names: Sequence[str], begins: datetime, days: int = 90) -> str:
    """By its own key; one with negative `days` ended so long before it `begins` here."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a site")])
    made = (
        x509.CertificateBuilder(subject, subject, private.public_key(), x509.random_serial_number())
        .not_valid_before(begins - timedelta(days=max(0, -days) * 2))
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    return made.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
