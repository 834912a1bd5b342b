/** What the page knows of its elements: which are private, what may be done with them, and what they are called. */

import {
  ALWAYS_MASKED,
  type ElementFacts,
  isPayment,
  isPrivate,
  NEVER_CLICKED,
  type RecordedNodes,
  type ViewRules,
} from "@ringback/call-client/shared-view";

/** Of rrweb's recorder: its numbers of the page's nodes. */
export interface NodeNumbers {
  getNode(id: number): Node | null;
}

const OURS = "ringback-root";
/** Texts that are values. */
const TYPED_IN = 'select,textarea,noscript,[contenteditable]:not([contenteditable="false"])';
const TYPED = ["", "text", "search", "tel", "url", "email", "number", "date", "month", "week", "time"];
const FILLED = [...TYPED, "datetime-local", "color", "range", "checkbox", "radio"];
/** Characters of what something is called. */
const LONGEST_LABEL = 60;

export class PageNodes implements RecordedNodes {
  /** What was once private stays so, as a password that is shown as a text. */
  private readonly sticky = new WeakSet<Element>();
  private readonly mask: string;
  private readonly show: string;
  private readonly neverFill: string;
  private readonly neverClick: string;

  constructor(
    private readonly rules: ViewRules,
    private readonly numbers: NodeNumbers,
  ) {
    this.mask = listOf([ALWAYS_MASKED, ...rules.mask]);
    this.show = listOf(rules.show);
    this.neverFill = listOf(rules.never_fill);
    this.neverClick = listOf([NEVER_CLICKED, ...rules.never_click]);
  }

  /** An element of the page by rrweb's number; null: it is gone, or is Ringback's own. */
  element(id: number | null): Element | null {
    const node = id === null ? null : this.numbers.getNode(id);
    const element = node && elementOf(node);
    return element?.isConnected && !isOurs(element) && !element.matches(OURS) ? element : null;
  }

  // What is recorded ---------------------------------------------------------------------------------------

  ours(id: number): boolean {
    const node = this.numbers.getNode(id);
    return !node || isOurs(node);
  }

  hides(id: number): boolean {
    const element = this.numbers.getNode(id) as Element | null;
    return !element || this.isPrivate(element);
  }

  masked(id: number): boolean {
    const node = this.numbers.getNode(id);
    return !node || this.isMasked(node);
  }

  textShown(id: number): boolean {
    const node = this.numbers.getNode(id);
    if (!node) return false;
    if (within(node, (each) => each.matches(TYPED_IN) && !this.isShown(each))) return false;
    return (
      !this.rules.private_by_default || within(node, (each) => this.show !== "" && each.matches(this.show))
    );
  }

  valueShown(id: number): boolean {
    const element = this.numbers.getNode(id) as Element | null;
    if (!element) return false;
    if (element.localName === "option") return this.isShown(element.closest("select") ?? element);
    return !(isField(element) || element.localName.includes("-")) || this.isShown(element);
  }

  // What may be done ---------------------------------------------------------------------------------------

  facts(element: Element): ElementFacts {
    const control = (element.closest("label") as HTMLLabelElement | null)?.control ?? element;
    return {
      visible: isVisible(element),
      masked: this.isMasked(element) || this.isMasked(control),
      neverFill: this.neverFill !== "" && within(element, (each) => each.matches(this.neverFill)),
      neverClick: this.mayNotClick(element) || this.mayNotClick(control),
      fillable: isFillable(element),
      clickable: !/^(iframe|object|embed|canvas|video|audio|html|body)$/.test(element.localName),
      disabled: isDisabled(element),
      leadsAway: leadsAway(element),
    };
  }

  /** What it is called on the page; empty where that is private, or nothing. */
  label(element: Element): string {
    if (this.isMasked(element)) return "";
    const { labels } = element as HTMLInputElement;
    const texts = [
      element.getAttribute("aria-label"),
      labels?.[0]?.innerText,
      isField(element) ? (element as HTMLInputElement).placeholder : (element as HTMLElement).innerText,
      element.getAttribute("title"),
      element.getAttribute("alt"),
    ];
    const text =
      texts
        .find((each) => each?.trim())
        ?.trim()
        .replace(/\s+/g, " ") ?? "";
    return text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 1)}…` : text;
  }

  private isMasked(node: Node): boolean {
    return within(node, (each) => this.isPrivate(each));
  }

  private isPrivate(element: Element): boolean {
    if (this.sticky.has(element)) return true;
    const found = element.matches(this.mask) || (isField(element) && isPrivate(namesOf(element)));
    if (found) this.sticky.add(element);
    return found;
  }

  /** The value of a field is told where a rule names the field itself. */
  private isShown(element: Element): boolean {
    return this.show !== "" && element.matches(this.show) && !this.isMasked(element);
  }

  private mayNotClick(element: Element): boolean {
    if (within(element, (each) => each.matches(this.neverClick))) return true;
    const button = element.closest<HTMLButtonElement>("button,input");
    const submits = button !== null && ["submit", "image"].includes(button.type);
    return submits && button.form !== null && takesPayment(button.form);
  }
}

/** A list of selectors of which each one is known to this browser. */
function listOf(selectors: readonly string[]): string {
  return selectors.filter(isKnown).join(",");
}

function isKnown(selector: string): boolean {
  try {
    document.createDocumentFragment().querySelector(selector);
    return true;
  } catch {
    return false;
  }
}

const elementOf = (node: Node): Element | null =>
  node.nodeType === Node.ELEMENT_NODE ? (node as Element) : node.parentElement;

/** Whether an element, or one around it, is so; out of shadow roots and frames, too. */
function within(node: Node, is: (element: Element) => boolean): boolean {
  for (let each: Node | null = node; each; each = around(each)) {
    if (each.nodeType === Node.ELEMENT_NODE && is(each as Element)) return true;
  }
  return false;
}

function around(node: Node): Node | null {
  if (node.parentNode) return node.parentNode;
  if (node.nodeType === Node.DOCUMENT_NODE) return (node as Document).defaultView?.frameElement ?? null;
  return (node as Partial<ShadowRoot>).host ?? null;
}

/** Whether it lies in the shadow of Ringback's element. */
function isOurs(node: Node): boolean {
  const root = node.getRootNode();
  const host = (root as Partial<ShadowRoot>).host;
  return host !== undefined && (host.matches(OURS) || isOurs(host));
}

const isField = (element: Element): boolean => /^(input|textarea|select)$/.test(element.localName);

const namesOf = (element: Element) => ({
  name: element.getAttribute("name") ?? "",
  id: element.id,
  autocomplete: element.getAttribute("autocomplete") ?? "",
});

function isFillable(element: Element): boolean {
  if (element.localName === "textarea" || element.localName === "select") return true;
  return element.localName === "input" && FILLED.includes((element as HTMLInputElement).type);
}

function isDisabled(element: Element): boolean {
  const field = element as Partial<HTMLInputElement>;
  if (element.matches(":disabled,[inert],[inert] *") || (field.readOnly && isField(element))) return true;
  const modal = [...element.ownerDocument.querySelectorAll("dialog:modal")].at(-1);
  return modal !== undefined && !within(element, (each) => each === modal);
}

function isVisible(element: Element): boolean {
  if (element.getClientRects().length === 0) return false;
  return element.checkVisibility?.({ visibilityProperty: true }) ?? true;
}

/** Whether a form takes a card: by a field, or by a frame of somebody who takes it for the shop. */
function takesPayment(form: HTMLFormElement): boolean {
  if ([...form.elements].some((each) => isPayment(namesOf(each)))) return true;
  return [...form.querySelectorAll("iframe")].some((frame) => frame.contentDocument === null);
}

/** Whether a click leads to another site, or to another program. */
function leadsAway(element: Element): boolean {
  const link = element.closest<HTMLAnchorElement>("a[href]");
  const button = element.closest<HTMLButtonElement>("button,input");
  const form = button && ["submit", "image"].includes(button.type) ? button.form : null;
  const target = link?.href ?? (form && (button?.formAction || form.action));
  if (typeof target !== "string") return false;
  try {
    const { origin, protocol } = new URL(target, element.ownerDocument.baseURI);
    return protocol !== "javascript:" && origin !== window.location.origin;
  } catch {
    return true;
  }
}
