/** The client's address, from what the runtimes hand to a fetch handler besides the request. */
import type { Endpoints } from "../../net/transport/transport.ts";

/** Bun's server, the second argument of its handlers. */
interface BunServer {
  requestIP(request: globalThis.Request): { readonly address: string; readonly port: number } | null;
}

/** Deno's `ServeHandlerInfo`, the second argument of its handlers. */
interface DenoInfo {
  readonly remoteAddr: { readonly hostname?: string; readonly port?: number };
}

/** Fields of which the runtime tells nothing are undefined. */
export class FetchEndpoints implements Endpoints {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: undefined;
  readonly localPort: undefined;
  readonly encrypted: boolean;

  constructor(request: globalThis.Request, scheme: string, runtime: unknown) {
    this.encrypted = scheme === "https";
    if (typeof runtime !== "object" || runtime === null) return;
    if (typeof (runtime as Partial<BunServer>).requestIP === "function") {
      const client = (runtime as BunServer).requestIP(request);
      this.remoteAddress = client?.address;
      this.remotePort = client?.port;
    } else {
      const client = (runtime as Partial<DenoInfo>).remoteAddr;
      this.remoteAddress = client?.hostname;
      this.remotePort = client?.port;
    }
  }
}
