/** What is known of a connection's encryption. */
import type { PeerCertificate, TLSSocket } from "node:tls";

export interface TlsFacts {
  /** The version, such as `TLSv1.3`. */
  readonly protocol: string | undefined;
  /** The cipher suite, by its IETF name. */
  readonly cipher: string | undefined;
  /** The application protocol that was agreed on (ALPN, RFC 7301). */
  readonly alpn: string | undefined;
  /** The host name that the client asked for (SNI, RFC 6066 section 3). */
  readonly servername: string | undefined;
  /** Whether the peer has shown a certificate that is signed by one of the authorities trusted here. */
  readonly authorized: boolean;
  /** Why it was not. */
  readonly authorizationError: string | undefined;
  /** The peer's certificate, read when it is asked for. A server gets one only if it asked its clients for it. */
  peerCertificate(): PeerCertificate | undefined;
}

/** The facts of one of Node's TLS sockets, as they stand when they are asked for. */
export class SocketTlsFacts implements TlsFacts {
  readonly #socket: TLSSocket;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
  }

  get protocol(): string | undefined {
    return this.#socket.getProtocol() ?? undefined;
  }
  get cipher(): string | undefined {
    return (this.#socket.getCipher() as { standardName: string } | undefined)?.standardName;
  }
  get alpn(): string | undefined {
    return this.#socket.alpnProtocol || undefined;
  }
  get servername(): string | undefined {
    // `false` where the client sent none; the types don't have the property.
    const { servername } = this.#socket as TLSSocket & { servername?: string | false | null };
    return servername || undefined;
  }
  get authorized(): boolean {
    return this.#socket.authorized;
  }
  get authorizationError(): string | undefined {
    // A code, in spite of its type.
    const error = this.#socket.authorizationError as Error | string | null | undefined;
    return error == null ? undefined : String(error);
  }

  peerCertificate(): PeerCertificate | undefined {
    const certificate = this.#socket.getPeerCertificate() as PeerCertificate | null;
    return certificate === null || Object.keys(certificate).length === 0 ? undefined : certificate;
  }
}
