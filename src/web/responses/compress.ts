/** Compression of one response. */
import type { Response } from "../../gateway/response.ts";
import { CompressedExchange } from "./compressed-exchange.ts";
import { type CompressionOptions, toCompression } from "./compression.ts";
import { senderOf, sentBy } from "./sender.ts";

/**
 * Has a response compressed when it is sent, if the client takes that and it pays; and returns it:
 *
 *     app.get("/report", () => compress(json(report)));
 */
export function compress<Answer extends Response>(
  response: Answer,
  options: CompressionOptions = {},
): Answer {
  const compression = toCompression(options);
  const send = senderOf(response);
  return sentBy(response, (exchange) => send(new CompressedExchange(exchange, compression)));
}
