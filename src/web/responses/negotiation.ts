/** Proactive negotiation (RFC 9110 §12): which of what is offered the client likes best. */
import { parseWeightedList, type WeightedValue } from "./weighted-list.ts";

/** Media types by the short names that `accepts` takes. */
const mediaTypes = {
  json: "application/json",
  html: "text/html",
  text: "text/plain",
  xml: "application/xml",
  csv: "text/csv",
  markdown: "text/markdown",
  pdf: "application/pdf",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  avif: "image/avif",
  sse: "text/event-stream",
} as const;

/** A short name (`json`, `html`, …) or a media type. */
export type MediaTypeName = keyof typeof mediaTypes | `${string}/${string}`;

const NO_MATCH = -1;

/**
 * The offered media type that an Accept field likes best.
 * @throws TypeError for a name that stands for no media type.
 */
export function bestMediaType<Name extends string>(
  field: string | undefined,
  offered: readonly Name[],
): Name | undefined {
  const types = offered.map(toMediaType);
  return best(field, offered, (range, i) => specificityOfType(range, types[i] as MediaType), true);
}

/**
 * The offered language that an Accept-Language field likes best. A range takes the languages that it begins (`de` takes `de-CH`),
 * and, where nothing fits better, one that it is a variety of (RFC 4647 §3.3.1 and §3.4).
 */
export function bestLanguage<Tag extends string>(
  field: string | undefined,
  offered: readonly Tag[],
): Tag | undefined {
  const tags = offered.map((tag) => tag.toLowerCase());
  return best(field, offered, ({ value }, i) => specificityOfLanguage(value, tags[i] as string), true);
}

/**
 * The offered content coding that an Accept-Encoding field likes best; between equals, the one offered first, as clients name them
 * in no order. A client that sends no such field gets only `identity`, which is acceptable unless it is excluded.
 */
export function bestEncoding<Coding extends string>(
  field: string | undefined,
  offered: readonly Coding[],
): Coding | undefined {
  const identity = offered.find((coding) => coding.toLowerCase() === "identity");
  if (field === undefined) return identity;
  const codings = offered.map((coding) => coding.toLowerCase());
  const chosen = best(
    field,
    offered,
    ({ value }, i) => specificityOfCoding(value, codings[i] as string),
    false,
  );
  if (chosen !== undefined || identity === undefined) return chosen;
  const excluded = parseWeightedList(field).some(({ value, weight }) => {
    return weight === 0 && (value === "identity" || value === "*");
  });
  return excluded ? undefined : identity;
}

/**
 * @param specificityOf how closely a range of the field fits an offer, or NO_MATCH. The closest one gives the offer its weight.
 * @param inOrder whether between equals the order in the field counts, before the order of the offers
 */
function best<T extends string>(
  field: string | undefined,
  offered: readonly T[],
  specificityOf: (range: WeightedValue, offer: number) => number,
  inOrder: boolean,
): T | undefined {
  const ranges = field === undefined ? [] : parseWeightedList(field);
  // A field without values says nothing.
  if (ranges.length === 0 && inOrder) return offered[0];
  let chosen: T | undefined;
  let [weight, closeness, place] = [0, 0, 0];
  for (let i = 0; i < offered.length; i++) {
    let closest = NO_MATCH;
    let at = 0;
    for (let r = 0; r < ranges.length; r++) {
      const specificity = specificityOf(ranges[r] as WeightedValue, i);
      if (specificity <= closest) continue;
      closest = specificity;
      at = r;
    }
    if (closest === NO_MATCH) continue;
    const offerWeight = (ranges[at] as WeightedValue).weight;
    const better =
      offerWeight - weight || (inOrder && chosen !== undefined ? closest - closeness || place - at : 0);
    if (better <= 0) continue;
    chosen = offered[i];
    weight = offerWeight;
    closeness = closest;
    place = at;
  }
  return chosen;
}

interface MediaType {
  readonly type: string;
  readonly parameters: readonly string[];
}

function toMediaType(name: string): MediaType {
  const full = Object.hasOwn(mediaTypes, name) ? mediaTypes[name as keyof typeof mediaTypes] : name;
  const [parsed] = parseWeightedList(full);
  if (parsed === undefined || !parsed.value.includes("/")) {
    throw new TypeError(
      `${JSON.stringify(name)} is no media type: write one such as text/html, or ${Object.keys(mediaTypes).join(", ")}`,
    );
  }
  return { type: parsed.value, parameters: parsed.parameters };
}

function specificityOfType({ value, parameters }: WeightedValue, offer: MediaType): number {
  if (value === offer.type) {
    let matched = 0;
    for (const parameter of parameters) {
      // Everything here is UTF-8, whoever asks for which charset.
      if (parameter.startsWith("charset=")) continue;
      if (!offer.parameters.includes(parameter)) return NO_MATCH;
      matched++;
    }
    return 3 + matched;
  }
  if (value === "*/*" || value === "*") return 1;
  return value.endsWith("/*") && offer.type.startsWith(value.slice(0, -1)) ? 2 : NO_MATCH;
}

function specificityOfLanguage(range: string, tag: string): number {
  if (range === tag) return 4;
  if (tag.startsWith(range) && tag[range.length] === "-") return 3;
  if (range.startsWith(tag) && range[tag.length] === "-") return 2;
  return range === "*" ? 1 : NO_MATCH;
}

function specificityOfCoding(range: string, coding: string): number {
  // RFC 9110 §8.4.1.3 has the two for the same.
  if (range === coding || (range === "x-gzip" && coding === "gzip")) return 2;
  return range === "*" ? 1 : NO_MATCH;
}
