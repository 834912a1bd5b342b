"""TLS toward peers: which versions, which authorities, and whose name a certificate must bear (RFC 5922)."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from zope.interface import implementer  # type: ignore[import-untyped]

from config.sections.trunks import Tls
from sip.gate.streams import Stream

_SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def context_for(tls: Tls) -> SSL.Context:
    """A context of TLS 1.2 or newer; ``SSL.Error`` or OSError where a file is of no use."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    if tls.verify_certificate:
        context.load_verify_locations(str(tls.ca_file or _SYSTEM_AUTHORITIES))
        context.set_verify(SSL.VERIFY_PEER, lambda connection, certificate, error, depth, valid: bool(valid))
    if tls.certificate_file:
        context.use_certificate_chain_file(str(tls.certificate_file))
        context.use_privatekey_file(str(tls.key_file or tls.certificate_file))
    return context


def bears_name(certificate: x509.Certificate, name: str) -> bool:
    """Whether a certificate is of this host: by its alternative names, or, without any, its common name."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [*names.get_values_for_type(x509.DNSName)]
        found += [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, ValueError):
        found = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    name = name.lower().rstrip(".")
    return any(_fits(one.lower().rstrip("."), name) for one in found)


def _fits(pattern: str, name: str) -> bool:
    if pattern.startswith("*.") and pattern.count(".") > 1:
        return name.partition(".")[2] == pattern[2:]
    return pattern == name


@implementer(IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class TlsSide:
    """Makes the TLS half of a stream, and lets it stand once the certificate was found right."""

    def __init__(self, tls: Tls, name: str, stream: Stream | None) -> None:
        self._tls, self._name, self._stream = tls, name, stream
        self._context = context_for(tls)
        self._context.set_info_callback(self._progress)

    def clientConnectionForTLS(self, tls_protocol: Any) -> SSL.Connection:  # noqa: N802 - Twisted's name
        """Our half of a connection that we open."""
        connection = SSL.Connection(self._context, None)
        connection.set_app_data(tls_protocol)
        connection.set_connect_state()
        if self._name and not self._name.replace(".", "").isdigit():
            connection.set_tlsext_host_name(self._name.encode("idna"))
        return connection

    def serverConnectionForTLS(self, tls_protocol: Any) -> SSL.Connection:  # noqa: N802 - Twisted's name
        """Our half of a connection that a peer opens."""
        connection = SSL.Connection(self._context, None)
        connection.set_app_data(tls_protocol)
        connection.set_accept_state()
        return connection

    def _progress(self, connection: SSL.Connection, where: int, status: int) -> None:
        if not where & SSL.SSL_CB_HANDSHAKE_DONE:
            return
        tls_protocol = connection.get_app_data()
        stream = self._stream or tls_protocol.wrappedProtocol
        if self._tls.verify_certificate and self._name:
            certificate = connection.get_peer_certificate()
            if certificate is None or not bears_name(certificate.to_cryptography(), self._name):
                stream.fail(f"its certificate is not of {self._name}")
                tls_protocol.abortConnection()
                return
        # OpenSSL is still inside of its handshake.
        stream.reactor.callLater(0, stream.stand)
