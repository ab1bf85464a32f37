/** Searches a tree of routes for the one of a request. */
import type { Mount } from "./mount.ts";
import { type RadixNode, RadixTree } from "./radix-tree.ts";
import type { PathReader } from "./request-path.ts";
import type { End, RouteTree } from "./route-tree.ts";

const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;

/** One search at a time: it ends before anything else can begin one. */
export class RouteMatcher {
  readonly #tree: RadixTree;
  readonly #path: PathReader;
  /** Values of the parameters: those of the host, which the caller has put there, then those of the path that was found. */
  readonly #values: unknown[];
  #method = "";
  #depth = 0;
  /** Whether the path of the last search has routes for other methods. */
  missed = false;

  /** @param path knows of the path that is searched for whether it was read, and where it ends */
  constructor(tree: RouteTree, path: PathReader, values: unknown[]) {
    this.#tree = new RadixTree(tree);
    this.#path = path;
    this.#values = values;
  }

  /**
   * @param text that the path is the beginning of
   * @param depth how many values are the host's
   */
  find(method: string, text: string, depth: number): End | Mount | undefined {
    this.#method = method;
    this.#depth = depth;
    this.missed = false;
    return this.#walk(this.#tree.root, text, 0);
  }

  /**
   * Walks down from `node`, to which the path led up to `at`. No node is visited twice in a search. A search in doubt ends with undefined.
   */
  #walk(node: RadixNode, text: string, at: number): End | Mount | undefined {
    const path = this.#path;
    const isRaw = path.isRaw;
    const end = path.end;
    const texts = this.#tree.codes;
    while (at < end) {
      const code = text.charCodeAt(at);
      if (isRaw && code === QUESTION_MARK) {
        path.end = at;
        break;
      }
      const child = code === node.firstCode ? node.firstChild : childOf(node, code);
      const after = child === undefined ? -1 : passed(child, texts, text, at, end);
      if (isRaw && after >= 0 && !(child as RadixNode).isSentAsItIs) {
        path.inDoubt = true;
        return undefined;
      }
      if (!node.isPassage) {
        const found = after < 0 ? undefined : this.#walk(child as RadixNode, text, after);
        if (found !== undefined || path.inDoubt) return found;
        return this.#walkParams(node, text, at) ?? (code === SLASH && !path.inDoubt ? node.mount : undefined);
      }
      if (after < 0) return undefined;
      node = child as RadixNode;
      at = after;
    }
    return this.#endAt(node) ?? node.mount;
  }

  #walkParams(node: RadixNode, text: string, at: number): End | Mount | undefined {
    const path = this.#path;
    for (let param = node.param; param !== undefined; param = param.next) {
      const { read, spansSegments } = param;
      const to = path.paramEnd(text, at, spansSegments);
      // Empty, or in doubt.
      if (to <= at) return undefined;
      const value = read(text, at, to);
      if (value === undefined) continue;
      this.#values[this.#depth++] = value;
      const found = this.#walk(param.node, text, to);
      if (found !== undefined || path.inDoubt) return found;
      this.#depth--;
    }
    return undefined;
  }

  #endAt(node: RadixNode): End | undefined {
    const methods = node.methods;
    for (let i = 0; i < methods.length; i++) {
      if (methods[i] === this.#method) return node.end ?? node.ends[i];
    }
    if (methods.length > 0 && node.allEnd === undefined) this.missed = true;
    return node.allEnd;
  }

  /** The methods of all routes for the path. It has been read. */
  methods(): Set<string> {
    const methods = new Set<string>();
    collect(this.#tree.root, 0, this.#path, methods);
    return methods;
  }
}

function childOf(node: RadixNode, code: number): RadixNode | undefined {
  const index = code - node.firstCode;
  const table = node.childTable;
  return index >= 0 && index < table.length ? table[index] : node.farChildren?.get(code);
}

/** Where a node's text ends in the path if it stands at `at`, or -1. It has no "?", and so ends before the query. */
function passed(node: RadixNode, texts: Uint16Array, text: string, at: number, end: number): number {
  const { from, to } = node;
  const after = at + to - from;
  if (after > end) return -1;
  // The first has led to the node.
  for (let i = from + 1, k = at + 1; i < to; i++, k++) {
    if (texts[i] !== text.charCodeAt(k)) return -1;
  }
  return after;
}

/** Adds the methods of every route that a path leads to. */
function collect(node: RadixNode, at: number, path: PathReader, methods: Set<string>): void {
  const { text, end } = path;
  if (at === end) for (const method of node.methods) methods.add(method);
  const child = node.children.find((each) => text.startsWith(each.text, at) && at + each.text.length <= end);
  if (child !== undefined) collect(child, at + child.text.length, path, methods);
  for (let param = node.param; param !== undefined; param = param.next) {
    const to = path.paramEnd(text, at, param.spansSegments);
    if (to > at && param.read(text, at, to) !== undefined) collect(param.node, to, path, methods);
  }
}
