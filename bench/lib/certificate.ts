/** A certificate for 127.0.0.1, made for the length of a run: ECDSA on P-256, as most sites have. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BenchError } from "./benchmark.ts";
import { loadFolder } from "./loader.ts";

/** Where a server finds it: `TLS_CERT` and `TLS_KEY` name PEM files. */
export function certificateEnvironment(): Record<string, string> {
  const folder = loadFolder();
  const certificate = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  if (!existsSync(certificate)) {
    const { status, stderr, error } = spawnSync(
      "openssl",
      [
        ...[
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "2",
        ],
        ...["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        ...["-keyout", key, "-out", certificate],
      ],
      { encoding: "utf8" },
    );
    if (error !== undefined) {
      throw new BenchError(
        "openssl, which makes the certificate, is missing: install it with `apt-get install openssl`",
      );
    }
    if (status !== 0) throw new BenchError(`openssl made no certificate:\n${stderr.trim()}`);
  }
  return { TLS_CERT: certificate, TLS_KEY: key };
}
