/**
 * Certificates for tests, made by the `openssl` command.
 *
 *     describe.skipIf(missingOpenssl !== "")(`TLS ${missingOpenssl}`, () => {
 *       const authority = await makeAuthority(directory, "ca");
 *       const { cert, key } = await authority.issue("server", ["localhost", "127.0.0.1"]);
 */
import { execFile, execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** Why there can be no certificates here, for a test's title; empty when there can. */
export const missingOpenssl: string = findMissing();

function findMissing(): string {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return "";
  } catch {
    return "(skipped: there is no openssl command)";
  }
}

/** PEM files and what they hold. */
export interface TestCertificate {
  cert: string;
  key: string;
  certPem: string;
  keyPem: string;
}

export interface TestAuthority extends TestCertificate {
  /** Signs a new certificate for some host names and addresses; it replaces the files of an earlier one with that name. */
  issue(name: string, hosts: readonly string[]): Promise<TestCertificate>;
}

export async function makeAuthority(directory: string, name: string): Promise<TestAuthority> {
  const files = filesOf(directory, name);
  await exec("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-days", "2", "-subj", `/CN=${name}`, "-keyout", files.key, "-out", files.cert],
  ]);
  const issue = async (leaf: string, hosts: readonly string[]): Promise<TestCertificate> => {
    const target = filesOf(directory, leaf);
    const request = join(directory, `${leaf}.csr`);
    const extensions = join(directory, `${leaf}.ext`);
    const names = hosts.map((host) => (isIP(host) ? `IP:${host}` : `DNS:${host}`));
    await writeFile(
      extensions,
      `basicConstraints=CA:FALSE\n${names.length > 0 ? `subjectAltName=${names}\n` : ""}`,
    );
    await exec("openssl", [
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", `/CN=${leaf}`, "-keyout", target.key, "-out", request],
    ]);
    await exec("openssl", [
      ...["x509", "-req", "-in", request, "-CA", files.cert, "-CAkey", files.key, "-CAcreateserial"],
      ...["-days", "2", "-extfile", extensions, "-out", target.cert],
    ]);
    return read(target);
  };
  return { ...(await read(files)), issue };
}

function filesOf(directory: string, name: string): { cert: string; key: string } {
  return { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
}

async function read(files: { cert: string; key: string }): Promise<TestCertificate> {
  return {
    ...files,
    certPem: await readFile(files.cert, "utf8"),
    keyPem: await readFile(files.key, "utf8"),
  };
}
