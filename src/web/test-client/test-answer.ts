/** An answer as a test gets it. */
import type { InterimAnswer } from "../../gateway/memory-exchange.ts";
import { Response } from "../../gateway/response.ts";
import type { HeaderList } from "../../http/exchange.ts";
import { isBodiless, RESET_CONTENT } from "../../http/status.ts";
import type { ClientExchange } from "./client-exchange.ts";

/** A `Response` whose `json()` has the type of what the route answers with, where the request named a route. */
export class TestAnswer<Data = unknown> extends Response {
  /** The target that was answered: another one than was asked for where redirects were followed. */
  readonly target: string;
  readonly #exchange: ClientExchange;

  /** @param failure what is thrown by reading where the answer was cut off */
  constructor(exchange: ClientExchange, failure: () => unknown) {
    const { responseStatus: status } = exchange;
    const bodiless = isBodiless(status) || status === RESET_CONTENT;
    super(bodiless ? null : exchange.content(failure), {
      status,
      headers: pairsOf(exchange.responseHeaders),
    });
    this.target = exchange.target;
    this.#exchange = exchange;
  }

  /** @throws SyntaxError if the body is not JSON. */
  override async json(): Promise<Data> {
    return (await super.json()) as Data;
  }

  /** The interim answers, such as 103, that came before. */
  get interimAnswers(): readonly InterimAnswer[] {
    return this.#exchange.interimAnswers;
  }

  /** The trailer fields, once the body was read. */
  get trailers(): HeaderList {
    return this.#exchange.responseTrailers;
  }
}

function pairsOf(list: HeaderList): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < list.length; i += 2) pairs.push([list[i] as string, list[i + 1] as string]);
  return pairs;
}
