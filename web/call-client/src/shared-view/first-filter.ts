/**
 * The first filter: what leaves the page at all. It changes rrweb's events in place, before they are sent. The server
 * judges each of them again, by rules of its own (docs/masking.md): what slips through here goes to no agent.
 */

/** What the page knows of a recorded node, by rrweb's number. */
export interface RecordedNodes {
  /** Of Ringback's own panel, whose chat and form are nobody's picture. */
  ours(id: number): boolean;
  /** A rule hides this very element, with all that is in it. */
  hides(id: number): boolean;
  /** It is hidden, by a rule for it or for something around it. */
  masked(id: number): boolean;
  /** Its texts are told: false in what is private by default. */
  textShown(id: number): boolean;
  /** Its value is told. */
  valueShown(id: number): boolean;
}

interface Serialized {
  readonly id: number;
  readonly type: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  childNodes?: Serialized[];
  textContent?: string;
  isStyle?: boolean;
}

interface Mutation {
  adds?: { parentId: number; node: Serialized }[];
  removes?: { parentId: number; id: number }[];
  texts?: { id: number; value: string | null }[];
  attributes?: { id: number; attributes: Record<string, unknown> }[];
}

/** rrweb's numbers: https://github.com/rrweb-io/rrweb/blob/master/packages/types/src/index.ts */
const META = 4;
const FULL_SNAPSHOT = 2;
const INCREMENTAL = 3;
const ELEMENT = 2;
const TEXT = 3;
const COMMENT = 5;
const SOURCE = { mutation: 0, input: 5, media: 7, selection: 14 } as const;

/** As long for a short secret as for a long one. */
const BULLETS = "••••••••";
const WORDS_OF_ATTRIBUTES = ["alt", "title", "placeholder", "aria-label", "aria-description", "label"];
const FIELDS = ["input", "textarea", "select", "option"];

export interface RecordedEvent {
  readonly type: number;
  readonly data: unknown;
}

/** Filters one event; false: it is not sent at all. `url` is what of the page's address may be told. */
export function filterEvent({ type, data }: RecordedEvent, nodes: RecordedNodes, url: () => string): boolean {
  switch (type) {
    case META:
      (data as { href: string }).href = url();
      return true;
    case FULL_SNAPSHOT:
      walk((data as { node: Serialized }).node, nodes, false);
      return true;
    case INCREMENTAL:
      return filterChange(data as { source: number; id?: number }, nodes);
    default:
      return false;
  }
}

function filterChange(data: { source: number; id?: number }, nodes: RecordedNodes): boolean {
  const { id, source } = data;
  if (source === SOURCE.selection || source === SOURCE.media) return false;
  if (id !== undefined && nodes.ours(id)) return false;
  if (source === SOURCE.mutation) return filterMutation(data as Mutation, nodes);
  if (source === SOURCE.input && id !== undefined) {
    const input = data as { text?: string; isChecked?: boolean };
    if (nodes.masked(id)) return false;
    if (!nodes.valueShown(id)) {
      input.text = input.text ? BULLETS : "";
      input.isChecked = false;
    }
  }
  return true;
}

function filterMutation(data: Mutation, nodes: RecordedNodes): boolean {
  const ours = (id: number): boolean => nodes.ours(id);
  const adds = (data.adds ?? []).filter(({ parentId, node }) => !ours(parentId) && !ours(node.id));
  const removes = (data.removes ?? []).filter(({ parentId }) => !ours(parentId));
  const texts = (data.texts ?? []).filter(({ id }) => !ours(id));
  const attributes = (data.attributes ?? []).filter(({ id }) => !ours(id));
  for (const { parentId, node } of adds) walk(node, nodes, nodes.masked(parentId));
  for (const text of texts)
    if (nodes.masked(text.id) || !nodes.textShown(text.id)) text.value = bullets(text.value);
  for (const { id, attributes: changed } of attributes) cleanAttributes(changed, nodes, id, nodes.masked(id));
  Object.assign(data, { adds, removes, texts, attributes });
  return adds.length + removes.length + texts.length + attributes.length > 0;
}

/** Cleans a node with all that is in it. No recursion: pages are as deep as they like. */
function walk(top: Serialized, nodes: RecordedNodes, masked: boolean): void {
  const open: [Serialized, boolean, boolean][] = [[top, masked, false]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, hidden, inStyle] = next;
    if (node.type === ELEMENT) {
      const its = hidden || nodes.hides(node.id);
      if (node.attributes) cleanAttributes(node.attributes, nodes, node.id, its, node.tagName);
      for (const child of node.childNodes ?? []) open.push([child, its, node.tagName === "style"]);
    } else {
      // A rule of CSS is no text of the page, and hidden style sheets would undress the whole of it.
      const shown = inStyle || node.isStyle || (!hidden && nodes.textShown(node.id));
      if (node.type === COMMENT) node.textContent = "";
      else if (node.type === TEXT && !shown) node.textContent = bullets(node.textContent ?? "") ?? "";
      for (const child of node.childNodes ?? []) open.push([child, hidden, false]);
    }
  }
}

function cleanAttributes(
  attributes: Record<string, unknown>,
  nodes: RecordedNodes,
  id: number,
  masked: boolean,
  tag?: string,
): void {
  for (const name of Object.keys(attributes)) {
    if (name === "srcdoc" || name.startsWith("on")) delete attributes[name];
    else if (masked && WORDS_OF_ATTRIBUTES.includes(name)) attributes[name] = BULLETS;
    else if (masked && ["src", "srcset", "href", "xlink:href", "poster"].includes(name))
      delete attributes[name];
  }
  if (tag === "meta" && attributes["name"] !== "viewport") delete attributes["content"];
  // Elements of the shop's own may be fields, too.
  const isField = tag === undefined || FIELDS.includes(tag) || tag.includes("-");
  if (!isField || (!masked && nodes.valueShown(id))) return;
  if (typeof attributes["value"] === "string") attributes["value"] = attributes["value"] ? BULLETS : "";
  for (const name of ["checked", "selected"]) if (attributes[name]) delete attributes[name];
}

/** Spaces and line ends stay what they are: they are the page's layout. */
const bullets = (text: string | null): string | null =>
  text === null || text.trim() === "" ? text : BULLETS;
