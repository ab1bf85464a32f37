/**
 * A tree of routes, compiled: the texts are merged into a radix tree, whose nodes hold what several of them begin with, so that each
 * character of a path is looked at once on the way down, whatever number of routes there is. A parameter stands where a segment begins.
 */
import type { Mount } from "./mount.ts";
import { isSentAsItIs } from "./request-path.ts";
import { ALL } from "./route.ts";
import type { Branch, End, Place, RouteTree } from "./route-tree.ts";

const ASCII_END = 128;
const NO_CODE = -1;

export class RadixNode {
  // With thousands of routes a search costs what it has to fetch from memory. So what it looks at comes first, and lists that would
  // be an object more are left out where there is one of a thing, as there mostly is, or shared.

  /** Whether there is nothing to come back to when what is below does not take a path. */
  isPassage = false;
  /** What leads here from the node above; in `RadixTree.codes` from `from` to `to`. */
  from = 0;
  to = 0;
  /** The lowest code that a child's text begins with, within ASCII, and that child. */
  firstCode: number = NO_CODE;
  firstChild: RadixNode | undefined;
  /** The children by the code that they begin with, less `firstCode`, if there are several. */
  childTable: readonly (RadixNode | undefined)[] = nothing;
  /** The parameter of the segment that begins here, if there is one: of several, that of the highest priority. */
  param: RadixParam | undefined;
  /** Methods for which a route ends here, */
  methods: readonly string[] = nothing;
  /** and the end, if it is the same for all of them, */
  end: End | undefined;
  /** or else the ends, in the same order. */
  ends: readonly End[] = nothing;
  /** What takes every other method. */
  allEnd: End | undefined;
  /** Takes this path and all below it. */
  mount: Mount | undefined;
  /** Whether the text stands as it is in a request target. */
  isSentAsItIs = true;
  /** The children that begin beyond ASCII. */
  farChildren: ReadonlyMap<number, RadixNode> | undefined;
  text = "";
  /** The texts of all of them begin differently. */
  children: RadixNode[] = [];

  /** Whether it only leads to another. */
  get isLink(): boolean {
    return (
      this.isPassage && this.children.length === 1 && this.methods.length === 0 && this.allEnd === undefined
    );
  }
}

export class RadixParam {
  readonly read: (text: string, from: number, to: number) => unknown;
  readonly spansSegments: boolean;
  readonly node: RadixNode;
  /** The parameter at the same place that comes next by priority. */
  readonly next: RadixParam | undefined;

  constructor({ converter }: Branch, node: RadixNode, next: RadixParam | undefined) {
    this.read = converter.read;
    this.spansSegments = converter.spansSegments;
    this.node = node;
    this.next = next;
  }
}

const nothing: readonly never[] = [];

export class RadixTree {
  readonly root: RadixNode;
  /** The texts of all nodes, one after the other, in UTF-16 code units. */
  readonly codes: Uint16Array;

  constructor(routes: RouteTree) {
    this.root = endOf(routes.root);
    const texts: string[] = [];
    finish(this.root, 0, texts, new Map());
    const whole = texts.join("");
    this.codes = Uint16Array.from({ length: whole.length }, (_, i) => whole.charCodeAt(i));
  }
}

/** The node of a place: where its segment has ended, before a slash or the end of the path. */
function endOf(place: Place): RadixNode {
  const node = new RadixNode();
  addEnds(node, place);
  node.mount = place.mount;
  if (place.texts.size > 0 || place.branches.length > 0) node.children.push(beginningOf(place));
  return node;
}

/** The node of what comes after a place: where, behind the slash, the next segment begins. */
function beginningOf(place: Place): RadixNode {
  const node = new RadixNode();
  node.text = "/";
  node.param = place.branches.reduceRight<RadixParam | undefined>(
    (next, branch) => new RadixParam(branch, endOf(branch.place), next),
    undefined,
  );
  for (const [text, next] of place.texts) {
    if (text === "") addEnds(node, next);
    else insert(node, text, endOf(next));
  }
  return node;
}

function addEnds(node: RadixNode, place: Place): void {
  const ends = new Map(place.ends);
  const get = ends.get("GET");
  if (get !== undefined && !ends.has("HEAD")) ends.set("HEAD", get);
  node.allEnd = ends.get(ALL);
  ends.delete(ALL);
  node.methods = [...ends.keys()];
  const all = [...ends.values()];
  if (all.every((end) => end === all[0])) node.end = all[0];
  else node.ends = all;
}

/** Puts a node below another, where a segment's text leads that none of those has that are there. */
function insert(above: RadixNode, text: string, node: RadixNode): void {
  const index = above.children.findIndex((child) => child.text[0] === text[0]);
  const child = above.children[index];
  if (child === undefined) {
    node.text = text;
    above.children.push(node);
    return;
  }
  let shared = 1;
  while (shared < child.text.length && child.text[shared] === text[shared]) shared++;
  if (shared === child.text.length && shared < text.length) {
    insert(child, text.slice(shared), node);
    return;
  }
  const fork = shared === text.length ? node : new RadixNode();
  fork.text = text.slice(0, shared);
  above.children[index] = fork;
  if (shared === child.text.length) {
    // It was a mere fork.
    fork.children.push(...child.children);
    return;
  }
  child.text = child.text.slice(shared);
  fork.children.push(child);
  if (fork !== node) insert(fork, text.slice(shared), node);
}

/**
 * Makes one node of each that only leads to another and that, and sets what the search needs.
 * @param at how long the texts of all nodes before are
 * @param texts those texts
 * @param methods lists of methods by their text: equal ones become one
 * @returns how long they are now
 */
function finish(
  node: RadixNode,
  at: number,
  texts: string[],
  methods: Map<string, readonly string[]>,
): number {
  node.isPassage = node.param === undefined && node.mount === undefined;
  const list = node.methods.join();
  node.methods = methods.get(list) ?? node.methods;
  methods.set(list, node.methods);
  for (const [i, child] of node.children.entries()) {
    at = finish(child, at, texts, methods);
    const [only] = child.children;
    if (child.isLink && only !== undefined) {
      only.text = child.text + only.text;
      node.children[i] = only;
    }
  }
  for (const child of node.children) {
    child.from = at;
    texts.push(child.text);
    at += child.text.length;
    child.to = at;
  }
  for (let param = node.param; param !== undefined; param = param.next) {
    at = finish(param.node, at, texts, methods);
  }
  setChildren(node);
  return at;
}

function setChildren(node: RadixNode): void {
  const children = new Map(node.children.map((child) => [child.text.charCodeAt(0), child]));
  const near = [...children.keys()].filter((code) => code < ASCII_END);
  if (near.length > 0) {
    const first = Math.min(...near);
    node.firstCode = first;
    node.firstChild = children.get(first);
    const length = Math.max(...near) - first + 1;
    if (length > 1) node.childTable = Array.from({ length }, (_, i) => children.get(first + i));
  }
  if (near.length < children.size) node.farChildren = children;
  for (const child of node.children) child.isSentAsItIs = isSentAsItIs(child.text);
}
