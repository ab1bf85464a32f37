/** What a TLS listener is given. */
import { checkWholeNumber, OptionError } from "./option-error.ts";

/** A certificate with its key. Each is the path of a PEM file, or PEM text (`-----BEGIN …`) or bytes. */
export interface TlsCertificate {
  /** The certificate, followed by those of the authorities between it and the root. */
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** Of an encrypted key. */
  readonly passphrase?: string;
}

export interface TlsOptions extends TlsCertificate {
  /**
   * Certificates by the host name that a client asks for (SNI): `example.com`, or `*.example.com` for any one label.
   * Who asks for another name, or none, gets the certificate above.
   */
  readonly sni?: Readonly<Record<string, TlsCertificate>>;
  /** Asks clients for a certificate. Default: they are not asked. */
  readonly clientCertificates?: {
    /** The authorities that may have signed it: PEM files, text or bytes. */
    readonly ca: string | Uint8Array | readonly (string | Uint8Array)[];
    /** Whether a client without a valid one is refused. Default true; else see `TlsFacts.authorized`. */
    readonly required?: boolean;
  };
  /** The application protocols that are spoken, the preferred one first (ALPN). Default: it is left open. */
  readonly alpnProtocols?: readonly string[];
  /** The least version. Default `TLSv1.2`. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  /** The cipher suites, in OpenSSL's notation. Default: Node's. */
  readonly ciphers?: string;
  /**
   * 48 secret bytes that encrypt session tickets. With the same in every worker, a client resumes its session with
   * any of them. Default: random ones, in each worker others.
   */
  readonly ticketKeys?: Uint8Array;
  /**
   * Milliseconds between looks at the files. When they have changed, and then stood still from one look to the next, they
   * are read again. Default 10 s; 0: never.
   */
  readonly reloadInterval?: number;
}

const TICKET_KEY_BYTES = 48;

/** Checks all but what is in the files. @throws OptionError */
export function checkTlsOptions(options: TlsOptions): void {
  const { sni, alpnProtocols, minVersion, ticketKeys, reloadInterval } = options;
  if (options.cert === undefined || options.key === undefined) {
    throw new OptionError("tls needs cert and key: the paths of PEM files, or PEM text");
  }
  for (const name of Object.keys(sni ?? {})) {
    if (!/^(\*\.)?([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/i.test(name)) {
      throw new OptionError(
        `tls.sni has ${JSON.stringify(name)}, which is no host name. Write example.com or *.example.com, in ASCII (xn--…).`,
      );
    }
  }
  for (const protocol of alpnProtocols ?? []) {
    // RFC 7301 §3.1
    if (protocol === "" || Buffer.byteLength(protocol) > 255) {
      throw new OptionError("tls.alpnProtocols has a name that is empty or longer than 255 bytes");
    }
  }
  if (minVersion !== undefined && minVersion !== "TLSv1.2" && minVersion !== "TLSv1.3") {
    throw new OptionError(`tls.minVersion is ${JSON.stringify(minVersion)}, and must be TLSv1.2 or TLSv1.3`);
  }
  if (ticketKeys !== undefined && ticketKeys.length !== TICKET_KEY_BYTES) {
    throw new OptionError(
      `tls.ticketKeys has ${ticketKeys.length} bytes, and must have ${TICKET_KEY_BYTES}, such as crypto.randomBytes(48)`,
    );
  }
  checkWholeNumber("tls.reloadInterval", reloadInterval, 0, 2 ** 31 - 1);
}
