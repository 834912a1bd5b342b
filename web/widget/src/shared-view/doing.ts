/** Fills in a field and clicks as the shopper would, so that pages of every framework notice. */

/** Why a field does not take a value, in the words of the wire. */
type Untaken = "bad_value" | "value_too_long";

/**
 * Set the value of a field; what it answers: why it does not take this one, and keeps its own. Frameworks put setters
 * of their own on elements to know values that they have set themselves (React): the browser's own setter passes these
 * by, and the events then tell of a change.
 */
export async function fillIn(field: Element, value: string): Promise<Untaken | null> {
  switch (field.localName) {
    case "select":
      return choose(field as HTMLSelectElement, value) ? null : "bad_value";
    case "textarea":
      return type(field as HTMLTextAreaElement, "HTMLTextAreaElement", value);
    default: {
      const input = field as HTMLInputElement;
      if (input.type === "checkbox" || input.type === "radio") return tick(input, value) ? null : "bad_value";
      return type(input, "HTMLInputElement", value);
    }
  }
}

async function type(
  field: HTMLInputElement | HTMLTextAreaElement,
  of: "HTMLInputElement" | "HTMLTextAreaElement",
  value: string,
): Promise<Untaken | null> {
  if (field.maxLength >= 0 && value.length > field.maxLength) return "value_too_long";
  const { get, set } = accessorsOf(field, of, "value");
  const before = get();
  set(value);
  if (!fits(field.type, get(), value)) {
    set(before);
    return "bad_value";
  }
  field.dispatchEvent(
    new InputEvent("input", {
      bubbles: true,
      composed: true,
      inputType: "insertReplacementText",
      data: value,
    }),
  );
  settle(field);
  // Frameworks write what they hold into the field after the event. A mask may write it in another way.
  await new Promise((resolve) => setTimeout(resolve));
  const after = get();
  const isTaken = after === value || (after !== before && after !== "") || signsOf(after) === signsOf(value);
  return isTaken ? null : "bad_value";
}

/** A date or a number that is none is emptied by the browser; a colour or a slider gets a value that nobody chose. */
function fits(kind: string, after: string, value: string): boolean {
  if (kind === "color") return after === value.toLowerCase();
  if (kind === "range") return Number(after) === Number(value);
  return after !== "" || value === "";
}

const signsOf = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, "");

/** By the value of an option, or by its words. */
function choose(field: HTMLSelectElement, value: string): boolean {
  const options = [...field.options];
  const wanted =
    options.find((option) => option.value === value) ??
    options.find((option) => option.text.trim().toLowerCase() === value.trim().toLowerCase());
  if (!wanted || wanted.disabled || wanted.closest("optgroup:disabled")) return false;
  if (field.multiple) wanted.selected = true;
  else accessorsOf(field, "HTMLSelectElement", "value").set(wanted.value);
  // Two options may have one value.
  if (!wanted.selected) wanted.selected = true;
  field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  settle(field);
  return true;
}

/** A box or a choice is ticked by a click: that is what frameworks hear. */
function tick(input: HTMLInputElement, value: string): boolean {
  const wanted = /^(true|on|yes|1)$/i.test(value) || value === input.value;
  if (!wanted && !/^(false|off|no|0|)$/i.test(value)) return false;
  if (!wanted && input.type === "radio") return false;
  if (input.checked !== wanted) input.click();
  return input.checked === wanted;
}

/** It is done with, as when the focus leaves it: pages check a field then. The focus itself stays where it is. */
function settle(field: HTMLElement): void {
  field.dispatchEvent(new Event("change", { bubbles: true }));
  if ((field.getRootNode() as Document | ShadowRoot).activeElement === field) return;
  field.dispatchEvent(new FocusEvent("blur", { composed: true }));
  field.dispatchEvent(new FocusEvent("focusout", { bubbles: true, composed: true }));
}

type Realm = Window & typeof globalThis;

/** The browser's own, whatever a page has put on the element. */
function accessorsOf(
  field: HTMLElement,
  of: "HTMLInputElement" | "HTMLTextAreaElement" | "HTMLSelectElement",
  name: string,
): { get: () => string; set: (value: string) => void } {
  const realm = (field.ownerDocument.defaultView ?? window) as Realm;
  const own = Object.getOwnPropertyDescriptor(realm[of].prototype, name);
  return { get: () => String(own?.get?.call(field)), set: (value) => own?.set?.call(field, value) };
}

/** Press and release in the middle of it: menus open at `pointerdown`, older ones at `mousedown`. */
export function clickOn(element: Element): void {
  const { left, top, width, height } = element.getBoundingClientRect();
  const at = {
    bubbles: true,
    cancelable: true,
    composed: true,
    clientX: left + width / 2,
    clientY: top + height / 2,
    detail: 1,
  };
  const pointer = { ...at, pointerId: 1, pointerType: "mouse", isPrimary: true };
  element.dispatchEvent(new PointerEvent("pointerdown", { ...pointer, buttons: 1 }));
  element.dispatchEvent(new MouseEvent("mousedown", { ...at, buttons: 1 }));
  element.dispatchEvent(new PointerEvent("pointerup", pointer));
  element.dispatchEvent(new MouseEvent("mouseup", at));
  if ("click" in element) (element as HTMLElement).click();
  else element.dispatchEvent(new MouseEvent("click", at));
}

/** Bring it into sight, and leave the focus where it is. */
export function showOnPage(element: Element): void {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "center", inline: "nearest", behavior: still ? "instant" : "smooth" });
}

/** Whether all of it can be seen without scrolling, or it fills the window. */
export function isInSight(element: Element): boolean {
  const { top, bottom, left, right } = element.getBoundingClientRect();
  if (bottom - top > innerHeight / 2) return top < innerHeight && bottom > 0;
  return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
}
