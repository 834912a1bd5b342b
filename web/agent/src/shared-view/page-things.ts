/** What an agent can choose on the shopper's page: its fields, buttons and links, with what they are called. */

export type ThingKind = "field" | "choice" | "button" | "link" | "other";

export interface PageThing {
  readonly node: number;
  readonly kind: ThingKind;
  /** What the page calls it; may be empty. */
  readonly name: string;
  /** What can be chosen in it, if it is a list. */
  readonly options: readonly string[];
  /** Whether it is hidden for privacy, and nothing can be done with it but show where it is. */
  readonly hidden: boolean;
  /** Whether what is in the field is hidden, though it may be filled in. */
  readonly valueHidden: boolean;
}

type IdOf = (element: Element) => number | null;

/** The server's marks; see `cobrowse/masking.py`. */
const HIDDEN = '[data-ringback-hidden="area"], [data-ringback-hidden="frame"], [data-ringback-box]';
/** As many as a list shows. */
const MOST = 400;
const LONGEST = 80;
const BUTTONS: ReadonlySet<string> = new Set(["button", "submit", "reset", "image"]);
const ROLES: Readonly<Record<string, ThingKind>> = {
  button: "button",
  tab: "button",
  menuitem: "button",
  link: "link",
  checkbox: "choice",
  radio: "choice",
  switch: "choice",
  option: "choice",
  textbox: "field",
  combobox: "field",
};

/** The things in a document, or in one of its elements; `itself`: that element alone, whatever it is. */
export function thingsOf(root: Document | Element, idOf: IdOf, itself = false): readonly PageThing[] {
  const found: PageThing[] = [];
  const add = (element: Element, kind: ThingKind): void => {
    const node = idOf(element);
    if (node === null || (!itself && !isSeen(element))) return;
    found.push({
      node,
      kind,
      name: nameOf(element),
      options: optionsOf(element),
      hidden: element.closest(HIDDEN) !== null,
      valueHidden: element.getAttribute("data-ringback-hidden") === "value",
    });
  };
  if (itself) add(root as Element, kindOf(root as Element) ?? "other");
  else walk(root, add);
  return found;
}

/** The innermost element at a point, in open shadow trees too. */
export function elementAt(root: Document, x: number, y: number): Element | null {
  let found = root.elementFromPoint(x, y);
  for (;;) {
    const inner = found?.shadowRoot?.elementFromPoint(x, y) ?? null;
    if (!inner || inner === found) return found;
    found = inner;
  }
}

function walk(root: Document | Element, add: (element: Element, kind: ThingKind) => void): void {
  // With a stack of its own: pages may be very deep.
  const todo: Element[] = root.nodeType === 9 ? [(root as Document).documentElement] : [root as Element];
  let count = 0;
  while (todo.length > 0 && count < MOST) {
    const element = todo.pop();
    if (!element) continue;
    const kind = kindOf(element);
    if (kind) {
      count += 1;
      add(element, kind);
    }
    const inside = [...(element.shadowRoot?.children ?? []), ...element.children];
    for (const child of inside.reverse()) todo.push(child);
  }
}

function kindOf(element: Element): ThingKind | null {
  const type = element.getAttribute("type")?.toLowerCase() ?? "text";
  switch (element.localName) {
    case "input":
      if (type === "hidden") return null;
      return BUTTONS.has(type) ? "button" : type === "checkbox" || type === "radio" ? "choice" : "field";
    case "textarea":
    case "select":
      return "field";
    case "button":
    case "summary":
      return "button";
    case "a":
      return element.hasAttribute("href") ? "link" : null;
    default:
      return ROLES[element.getAttribute("role") ?? ""] ?? null;
  }
}

function isSeen(element: Element): boolean {
  return element.checkVisibility({ visibilityProperty: true });
}

/** What a person would call it, by the page's own words. */
function nameOf(element: Element): string {
  const labels = "labels" in element ? (element.labels as NodeListOf<Element> | null) : null;
  const candidates = [
    element.getAttribute("aria-label"),
    ...[...(labels ?? [])].map(textOf),
    element.localName === "input" || element.localName === "select" || element.localName === "textarea"
      ? null
      : textOf(element),
    BUTTONS.has(element.getAttribute("type") ?? "") ? element.getAttribute("value") : null,
    element.getAttribute("placeholder"),
    element.getAttribute("title"),
    element.getAttribute("alt"),
  ];
  return candidates.map(short).find((name) => name !== "") ?? "";
}

function textOf(element: Element): string {
  // Without what is in its own fields, such as the options of a list in its label.
  const copy = [...element.childNodes].map((child) =>
    child.nodeType === 3
      ? (child.nodeValue ?? "")
      : child.nodeType === 1 && !/^(select|textarea|style|script)$/.test((child as Element).localName)
        ? textOf(child as Element)
        : "",
  );
  return copy.join(" ").slice(0, 4 * LONGEST);
}

function short(text: string | null): string {
  const one = (text ?? "").replace(/\s+/g, " ").trim();
  if (/^[•\s]*$/.test(one)) return "";
  return one.length > LONGEST ? `${one.slice(0, LONGEST - 1)}…` : one;
}

function optionsOf(element: Element): readonly string[] {
  if (element.localName !== "select") return [];
  return [...element.querySelectorAll("option")]
    .map((option) => short(option.textContent))
    .filter((option) => option !== "")
    .slice(0, 200);
}
