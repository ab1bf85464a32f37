/** The certificates of a TLS listener, read from where they are. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { OptionError } from "./option-error.ts";
import type { TlsCertificate, TlsOptions } from "./tls-options.ts";

/** The certificates by host name. */
export class SniContexts {
  readonly #byName: Map<string, SecureContext> = new Map();

  add(name: string, context: SecureContext): void {
    this.#byName.set(name, context);
  }

  /** Undefined stands for the default certificate. */
  find(asked: string): SecureContext | undefined {
    const name = asked.toLowerCase().replace(/\.$/, "");
    const dot = name.indexOf(".");
    return this.#byName.get(name) ?? (dot < 0 ? undefined : this.#byName.get(`*${name.slice(dot)}`));
  }
}

/** What the files held. */
export interface TlsMaterial {
  readonly context: SecureContextOptions;
  readonly sni: SniContexts;
  /** Tells whether the files have changed since. */
  readonly stamp: string;
}

/** Reads and checks all of it. @throws OptionError */
export async function readTlsMaterial(options: TlsOptions): Promise<TlsMaterial> {
  const { clientCertificates, minVersion, ciphers, sni: names } = options;
  // Before they are read: a change in between is then noticed.
  const stamp = await stampOf(options);
  const common: SecureContextOptions = {
    minVersion: minVersion ?? "TLSv1.2",
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(clientCertificates === undefined ? {} : { ca: await readAuthorities(clientCertificates.ca) }),
  };
  const context = { ...common, ...(await readCertificate("tls", options)) };
  buildContext("tls", context);
  const sni = new SniContexts();
  for (const [name, certificate] of Object.entries(names ?? {})) {
    const option = `tls.sni[${JSON.stringify(name)}]`;
    const pair = await readCertificate(option, certificate);
    sni.add(name.toLowerCase(), buildContext(option, { ...common, ...pair }));
  }
  return { context, sni, stamp };
}

async function readCertificate(
  option: string,
  { cert, key, passphrase }: TlsCertificate,
): Promise<{ cert: Buffer; key: Buffer; passphrase?: string }> {
  const certificate = { name: nameOf(`${option}.cert`, cert), pem: await readPem(`${option}.cert`, cert) };
  const privateKey = { name: nameOf(`${option}.key`, key), pem: await readPem(`${option}.key`, key) };
  const secret = passphrase === undefined ? {} : { passphrase };
  const parsed = attempt(
    () => new X509Certificate(certificate.pem),
    `${certificate.name} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`,
  );
  const parsedKey = attempt(
    () => createPrivateKey({ key: privateKey.pem, ...secret }),
    `${privateKey.name} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----), or its passphrase is missing or wrong`,
  );
  if (!parsed.checkPrivateKey(parsedKey)) {
    throw new OptionError(`${privateKey.name} is not the key of ${certificate.name}`);
  }
  return { cert: certificate.pem, key: privateKey.pem, ...secret };
}

async function readAuthorities(
  ca: string | Uint8Array | readonly (string | Uint8Array)[],
): Promise<Buffer[]> {
  const option = "tls.clientCertificates.ca";
  return Promise.all(
    listOf(ca).map(async (authority) => {
      const pem = await readPem(option, authority);
      attempt(
        () => new X509Certificate(pem),
        `${nameOf(option, authority)} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`,
      );
      return pem;
    }),
  );
}

function buildContext(option: string, context: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(context);
  } catch (error) {
    throw new OptionError(`${option} can't be used: ${(error as Error).message}`);
  }
}

async function readPem(option: string, source: string | Uint8Array): Promise<Buffer> {
  if (!isPath(source)) return Buffer.from(source);
  try {
    return await readFile(source);
  } catch (error) {
    throw new OptionError(
      `${nameOf(option, source)} can't be read: ${(error as Error).message}. Give the path of a PEM file, or PEM text.`,
    );
  }
}

function attempt<T>(parse: () => T, otherwise: string): T {
  try {
    return parse();
  } catch {
    throw new OptionError(otherwise);
  }
}

function isPath(source: string | Uint8Array): source is string {
  return typeof source === "string" && !source.includes("-----BEGIN");
}

/** The option with its file, for messages. */
function nameOf(option: string, source: string | Uint8Array): string {
  return isPath(source) ? `${option} (${source})` : option;
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/** The paths among the options. */
export function filesOf(options: TlsOptions): string[] {
  const certificates: TlsCertificate[] = [options, ...Object.values(options.sni ?? {})];
  return [
    ...certificates.flatMap(({ cert, key }) => [cert, key]),
    ...listOf(options.clientCertificates?.ca ?? []),
  ].filter(isPath);
}

/** What changes when a file is written, or replaced by another. */
export async function stampOf(options: TlsOptions): Promise<string> {
  const stamps = filesOf(options).map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    return found === undefined ? "missing" : `${found.mtimeMs} ${found.size} ${found.ino}`;
  });
  return (await Promise.all(stamps)).join("\n");
}
