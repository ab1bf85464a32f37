/**
 * The server's side of TLS: certificates from files, which are read again when they change, and handshakes on
 * sockets that were accepted elsewhere.
 */
import type { Socket } from "node:net";
import { createServer, type SecureContext, type Server, type TLSSocket } from "node:tls";
import { clock, type Ticking } from "../clock.ts";
import { UNREGISTERED } from "../registry.ts";
import { filesOf, readTlsMaterial, type SniContexts, stampOf, type TlsMaterial } from "./tls-material.ts";
import { checkTlsOptions, type TlsOptions } from "./tls-options.ts";

const DEFAULT_RELOAD_INTERVAL = 10_000;

/** What becomes of the handshakes. Each handshake ends with one call, unless the socket is destroyed by others. */
export interface TlsEvents {
  onSecure(socket: Socket, secured: TLSSocket): void;
  onFailed(socket: Socket, reason: string): void;
  /** The files have changed, and what they hold now can't be used. What was read before stays in use. */
  onReloadError(error: Error): void;
}

export class TlsTerminator implements Ticking {
  place: number = UNREGISTERED;
  readonly #options: TlsOptions;
  readonly #events: TlsEvents;
  readonly #server: Server;
  #contexts: SniContexts;
  /** Of the files that were read, or could not be used. */
  #stamp: string;
  /** Of the files at the last look. */
  #lastSeen = "";
  #nextLook = 0;
  #reloading: Promise<void> | undefined;

  private constructor(options: TlsOptions, events: TlsEvents, material: TlsMaterial) {
    this.#options = options;
    this.#events = events;
    this.#contexts = material.sni;
    this.#stamp = material.stamp;
    const { clientCertificates, alpnProtocols, ticketKeys } = options;
    this.#server = createServer({
      ...material.context,
      requestCert: clientCertificates !== undefined,
      rejectUnauthorized: clientCertificates !== undefined && clientCertificates.required !== false,
      ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
      ...(ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(ticketKeys) }),
      // Costs a call per handshake, so only where there is something to choose.
      ...(options.sni === undefined
        ? {}
        : {
            SNICallback: (name: string, choose: (error: null, context?: SecureContext) => void) =>
              choose(null, this.#contexts.find(name)),
          }),
    });
    this.#server.on("secureConnection", (secured) => this.#secured(secured));
    this.#server.on("tlsClientError", (error, secured) => {
      const unauthorized = secured.authorizationError as Error | string | null | undefined;
      events.onFailed(underlying(secured), unauthorized == null ? error.message : String(unauthorized));
    });
    if (this.#interval > 0) {
      clock.watch(this);
      this.#nextLook = clock.after(this.#interval);
    }
  }

  /** Reads the certificates. @throws OptionError */
  static async open(options: TlsOptions, events: TlsEvents): Promise<TlsTerminator> {
    checkTlsOptions(options);
    return new TlsTerminator(options, events, await readTlsMaterial(options));
  }

  /** Begins the handshake on a socket from which nothing, or no more than was put back, has been read. */
  secure(socket: Socket): void {
    // Taken over by the TLS socket: who ends its side in the middle of the handshake will not finish it.
    socket.allowHalfOpen = false;
    // The documented way to hand a connection to a TLS server that does not listen itself.
    this.#server.emit("connection", socket);
  }

  /** Reads the certificates again. Connections that there are keep theirs. @throws OptionError; all stays as it was then */
  reload(): Promise<void> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Looks at the files no more. */
  close(): void {
    clock.unwatch(this);
  }

  tick(now: number): void {
    if (now < this.#nextLook) return;
    this.#nextLook = clock.after(this.#interval);
    this.#reloadIfChanged().catch(this.#events.onReloadError);
  }

  #secured(secured: TLSSocket): void {
    const { clientCertificates } = this.#options;
    // To Node 20, whoever resumes a TLS 1.3 session that was begun without a certificate is authorized.
    if (clientCertificates !== undefined && secured.getPeerX509Certificate() === undefined) {
      secured.authorized = false;
      if (clientCertificates.required !== false) {
        this.#events.onFailed(underlying(secured), "the client has shown no certificate");
        return;
      }
    }
    secured.allowHalfOpen = true;
    this.#events.onSecure(underlying(secured), secured);
  }

  /** 0 where nothing comes from a file. */
  get #interval(): number {
    if (filesOf(this.#options).length === 0) return 0;
    return this.#options.reloadInterval ?? DEFAULT_RELOAD_INTERVAL;
  }

  async #reloadIfChanged(): Promise<void> {
    const stamp = await stampOf(this.#options);
    // Certificate and key are written one after the other: they are read once they have stood still between two looks.
    const settled = stamp === this.#lastSeen;
    this.#lastSeen = stamp;
    if (stamp === this.#stamp || !settled) return;
    // A bad state of the files is told once; when they have changed again, they are read again.
    this.#stamp = stamp;
    await this.reload();
  }

  async #reload(): Promise<void> {
    const { context, sni, stamp } = await readTlsMaterial(this.#options);
    this.#server.setSecureContext(context);
    this.#contexts = sni;
    this.#stamp = stamp;
  }
}

/** The socket that was given to `secure`. */
function underlying(secured: TLSSocket): Socket {
  // Node has no public way from a server's TLS socket to what it was made from.
  return (secured as TLSSocket & { readonly _parent: Socket })._parent;
}
