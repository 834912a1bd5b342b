// A telephone number that is written as (617) 555-0123 while it is typed. As libraries for that do, it has a `value` of its own on the
// element, which takes and gives the digits alone, and looks at the field's after each `input`.
const known = new WeakSet();

export function masked(field, told) {
  if (known.has(field)) return;
  known.add(field);
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  const show = (text) => {
    const digits = text.replace(/\D/g, "").slice(0, 10);
    const [, area, office, line] = /^(\d{0,3})(\d{0,3})(\d{0,4})$/.exec(digits);
    set.call(field, area === "" ? "" : office === "" ? area : `(${area}) ${office}${line && `-${line}`}`);
    return digits;
  };
  Object.defineProperty(field, "value", {
    configurable: true,
    get: () => get.call(field).replace(/\D/g, ""),
    set: show,
  });
  field.addEventListener("input", () => told(show(get.call(field))));
}
