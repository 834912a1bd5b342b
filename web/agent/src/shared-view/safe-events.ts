/**
 * What a stranger's browser recorded, as it may be replayed here. The server has masked and judged it already; the
 * replayed document is sandboxed, and the policy of its frame lets nothing run. This is a third wall: what is not known
 * to be harmless is left out, and what does not fit together is an `UnsafeEvent`, after which a new snapshot helps.
 */

import { isRecord } from "@ringback/browser-leg/shapes";

type Fields = Readonly<Record<string, unknown>>;
type Attributes = Record<string, unknown>;

/** rrweb's numbers of kinds of events, changes and nodes. */
const SNAPSHOT = 2;
const CHANGE = 3;
const META = 4;
const [MUTATION, SCROLL, RESIZE, INPUT, RULE, DECLARATION, ADOPTED] = [0, 3, 4, 5, 8, 13, 15];
const [DOCUMENT, DOCTYPE, ELEMENT, TEXT, CDATA, COMMENT] = [0, 1, 2, 3, 4, 5];

const DEEPEST = 600;
const MOST_NODES = 25_000;
const LONGEST = 2 ** 21;
const LARGEST_SIDE = 20_000;
/** Elements that load, run or embed something. They keep their place as an empty box. */
const BOXES: ReadonlySet<string> = new Set(
  "iframe frame frameset object embed applet portal fencedframe audio video canvas".split(" "),
);
/** And these, which nobody sees: templates stand for them. */
const UNSEEN: ReadonlySet<string> = new Set("script base meta source track".split(" "));
/** Attributes that load, run, send or take the keyboard. */
const UNSAFE =
  /^(on.*|srcdoc|http-equiv|action|formaction|ping|target|download|autofocus|accesskey|autoplay|nonce|integrity|is|background|manifest|contenteditable|rr_media.*|xml:base|__proto__)$/i;
const ADDRESS = /^(https?:|data:image\/(png|jpe?g|gif|webp|avif|svg\+xml)[;,]|blob:)/i;
const NAME = /^[a-z][a-z0-9._-]{0,63}$/i;
/** What the server writes in place of what is private. */
const HIDDEN = /^[\s•]*•{3}[\s•]*$/;

/** Something is not as rrweb makes it. */
export class UnsafeEvent extends Error {}

export interface SafeEvent {
  readonly type: number;
  readonly data: Fields;
  timestamp: number;
}

export interface SafeBatch {
  readonly events: readonly SafeEvent[];
  /** Ids of nodes that say nothing but that they are hidden. */
  readonly hidden: readonly number[];
}

/** What may be replayed of these events; `tagOf` tells the tag of an element that stands already. */
export function safeEvents(events: readonly unknown[], tagOf: (id: number) => string): SafeBatch {
  const filter = new Filter(tagOf);
  const safe = events.flatMap((event) => filter.event(event));
  return { events: safe, hidden: filter.hidden };
}

class Filter {
  readonly hidden: number[] = [];
  private nodes = 0;

  constructor(private readonly tagOf: (id: number) => string) {}

  event(event: unknown): readonly SafeEvent[] {
    if (!isRecord(event)) throw new UnsafeEvent("no event");
    const { data, type } = event;
    switch (type) {
      case META:
        return made(META, this.size(of(data)));
      case SNAPSHOT: {
        const { initialOffset, node } = of(data);
        const { left, top } = of(initialOffset);
        const root = this.node(node, 0);
        if (root["type"] !== DOCUMENT) throw new UnsafeEvent("no document");
        return made(SNAPSHOT, { node: root, initialOffset: { left: number(left), top: number(top) } });
      }
      case CHANGE:
        return this.change(of(data));
      default:
        return [];
    }
  }

  private change(data: Fields): readonly SafeEvent[] {
    const { source } = data;
    switch (source) {
      case MUTATION:
        return made(CHANGE, this.mutation(data));
      case SCROLL:
        return made(CHANGE, { source, id: id(data["id"]), x: number(data["x"]), y: number(data["y"]) });
      case RESIZE:
        return made(CHANGE, { source, ...this.size(data) });
      case INPUT: {
        const text = words(data["text"]);
        if (HIDDEN.test(text)) this.hidden.push(id(data["id"]));
        return made(CHANGE, { source, id: id(data["id"]), text, isChecked: data["isChecked"] === true });
      }
      case RULE:
        return made(CHANGE, {
          source,
          ...styleOf(data),
          adds: list(data["adds"]).map((add) => ({ rule: words(of(add)["rule"]), ...indexOf(of(add)) })),
          removes: list(data["removes"]).map((remove) => indexOf(of(remove))),
          ...optionalWords(data, "replace"),
          ...optionalWords(data, "replaceSync"),
        });
      case DECLARATION: {
        const { index, remove, set } = data;
        return made(CHANGE, {
          source,
          ...styleOf(data),
          index: list(index).map(number),
          ...(set === undefined
            ? {}
            : {
                set: {
                  property: words(of(set)["property"]),
                  value: of(set)["value"] === null ? null : words(of(set)["value"]),
                  priority: of(set)["priority"] === "important" ? "important" : "",
                },
              }),
          ...(remove === undefined ? {} : { remove: { property: words(of(remove)["property"]) } }),
        });
      }
      case ADOPTED:
        return made(CHANGE, {
          source,
          id: id(data["id"]),
          styleIds: list(data["styleIds"]).map(id),
          styles: list(data["styles"]).map((style) => ({
            styleId: id(of(style)["styleId"]),
            rules: list(of(style)["rules"]).map((rule) => ({
              rule: words(of(rule)["rule"]),
              ...indexOf(of(rule)),
            })),
          })),
        });
      default:
        return [];
    }
  }

  private mutation(data: Fields): Fields {
    return {
      source: MUTATION,
      removes: list(data["removes"]).map((each) => {
        const { id: removed, isShadow, parentId } = of(each);
        return { parentId: id(parentId), id: id(removed), ...(isShadow === true ? { isShadow } : {}) };
      }),
      adds: list(data["adds"]).flatMap((each) => {
        const { nextId, node, parentId, previousId } = of(each);
        // Documents within frames: the frames are boxes.
        if (of(node)["type"] === DOCUMENT) return [];
        return [
          {
            parentId: id(parentId),
            nextId: beside(nextId),
            ...(previousId === undefined ? {} : { previousId: beside(previousId) }),
            node: this.node(node, 0),
          },
        ];
      }),
      texts: list(data["texts"]).map((each) => {
        const { id: changed, value } = of(each);
        const text = value === null ? null : words(value);
        if (text !== null && HIDDEN.test(text)) this.hidden.push(id(changed));
        return { id: id(changed), value: text };
      }),
      attributes: list(data["attributes"]).map((each) => {
        const { attributes, id: changed } = of(each);
        return {
          id: id(changed),
          attributes: this.attributes(this.tagOf(id(changed)), of(attributes), false),
        };
      }),
    };
  }

  private size({ height, href, width }: Fields): Fields {
    const side = (of: unknown): number => Math.min(Math.max(number(of), 1), LARGEST_SIDE);
    return { width: side(width), height: side(height), ...(href === undefined ? {} : { href: "" }) };
  }

  private node(value: unknown, depth: number): Fields {
    const node = of(value);
    this.nodes += 1;
    if (depth > DEEPEST || this.nodes > MOST_NODES) throw new UnsafeEvent("too large");
    const its = { id: id(node["id"]), ...(node["isShadow"] === true ? { isShadow: true } : {}) };
    switch (node["type"]) {
      case DOCUMENT: {
        if (depth > 0) throw new UnsafeEvent("a document within the page");
        const quirks = node["compatMode"] === "BackCompat" ? { compatMode: "BackCompat" } : {};
        return { ...its, type: DOCUMENT, ...quirks, childNodes: this.children(node, depth) };
      }
      case DOCTYPE:
        return { ...its, type: DOCTYPE, name: "html", publicId: "", systemId: "" };
      case ELEMENT:
        return this.element(node, its, depth);
      case TEXT:
      case CDATA: {
        const text = words(node["textContent"]);
        if (HIDDEN.test(text)) this.hidden.push(its.id);
        return {
          ...its,
          type: TEXT,
          textContent: text,
          ...(node["isStyle"] === true ? { isStyle: true } : {}),
        };
      }
      case COMMENT:
        return { ...its, type: COMMENT, textContent: "" };
      default:
        throw new UnsafeEvent("a node of an unknown kind");
    }
  }

  private element(node: Fields, its: { readonly id: number }, depth: number): Fields {
    const named = words(node["tagName"]);
    const isSvg = node["isSVG"] === true;
    const safeName = NAME.test(named) ? named : "div";
    const [isBox, isUnseen] = [BOXES.has(safeName.toLowerCase()), UNSEEN.has(safeName.toLowerCase())];
    const tag = isBox || isUnseen ? (isSvg ? "g" : isBox ? "div" : "template") : safeName;
    const attributes = this.attributes(tag, of(node["attributes"]), true);
    if (isBox) attributes["data-ringback-box"] = safeName.toLowerCase();
    return {
      ...its,
      type: ELEMENT,
      tagName: tag,
      attributes,
      childNodes: isBox || isUnseen ? [] : this.children(node, depth),
      ...(isSvg ? { isSVG: true } : {}),
      ...(node["isShadowHost"] === true ? { isShadowHost: true } : {}),
    };
  }

  private children(node: Fields, depth: number): readonly Fields[] {
    return list(node["childNodes"]).map((child) => this.node(child, depth + 1));
  }

  private attributes(tag: string, found: Fields, isWhole: boolean): Attributes {
    const lower = tag.toLowerCase();
    const kept: Attributes = {};
    const sheet = lower === "link" && (!isWhole || /(^|\s)stylesheet(\s|$)/i.test(String(found["rel"])));
    for (const [name, value] of Object.entries(found)) {
      if (UNSAFE.test(name)) continue;
      const plain = name.toLowerCase();
      if (value === null || typeof value === "boolean" || typeof value === "number") {
        kept[name] = value;
      } else if (plain === "style" && isRecord(value)) {
        kept[name] = styles(value);
      } else if (typeof value !== "string" || value.length > LONGEST) {
        continue;
      } else if (lower === "link") {
        // Other links would fetch, or look names up.
        if (plain === "rel" && sheet) kept[name] = "stylesheet";
        else if (plain === "href" ? sheet && /^https?:/i.test(value) : plain !== "rel") kept[name] = value;
      } else if (plain === "href" || plain === "xlink:href") {
        // Nothing can be followed here; a link only looks like one.
        kept[name] =
          lower === "a" || lower === "area" ? "#" : ADDRESS.test(value) || value[0] === "#" ? value : "";
      } else if (plain === "src" || plain === "poster" || plain === "rr_dataurl" || plain === "data") {
        if (ADDRESS.test(value)) kept[name] = value;
      } else {
        kept[name] = value;
      }
    }
    return kept;
  }
}

function made(type: number, data: Fields): readonly SafeEvent[] {
  return [{ type, data, timestamp: 0 }];
}

/** Changes of an inline style: false takes a property away. */
function styles(value: Fields): Attributes {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, each]) =>
        each === false ||
        typeof each === "string" ||
        (Array.isArray(each) && each.length === 2 && each.every((part) => typeof part === "string")),
    ),
  );
}

/** Which sheet: that of an element, or one that was made by a script; rrweb says -1 or nothing for the other. */
function styleOf({ id: node, styleId }: Fields): Fields {
  const one = (name: string, value: unknown): Fields =>
    value === undefined || value === null || value === -1 ? {} : { [name]: id(value) };
  return { ...one("id", node), ...one("styleId", styleId) };
}

function indexOf({ index }: Fields): Fields {
  if (index === undefined || index === null) return {};
  return { index: Array.isArray(index) ? index.map(number) : number(index) };
}

function optionalWords(data: Fields, name: string): Fields {
  return typeof data[name] === "string" ? { [name]: data[name] } : {};
}

function of(value: unknown): Fields {
  if (isRecord(value)) return value;
  throw new UnsafeEvent("no object");
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.length <= MOST_NODES) return value;
  throw new UnsafeEvent("no list");
}

function number(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new UnsafeEvent("no number");
}

function id(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new UnsafeEvent("no id");
}

/** The id of a sibling; null: there is none. */
function beside(value: unknown): number | null {
  return value === null || value === undefined || value === -1 ? null : id(value);
}

function words(value: unknown): string {
  if (typeof value === "string" && value.length <= LONGEST) return value;
  throw new UnsafeEvent("no text");
}
