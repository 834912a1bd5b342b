// Every kind of field, each controlled by React 19, and what the page knows of them.
import { createElement as h, useState } from "react";
import { createRoot } from "react-dom/client";
import { masked } from "./masked.js";

function Fields() {
  const [known, setKnown] = useState({ text: "", digits: "1", remarks: "", size: "s", gift: false, pay: "card", day: "" });
  const keep = (name, value) => setKnown((before) => ({ ...before, [name]: value }));
  const typed = (name) => ({ id: name, value: known[name], onChange: (event) => keep(name, event.target.value) });
  return h(
    "form",
    null,
    h("input", typed("text")),
    h("input", { ...typed("digits"), onChange: ({ target }) => /^\d*$/.test(target.value) && keep("digits", target.value) }),
    h("textarea", typed("remarks")),
    h("select", typed("size"), h("option", { value: "s" }, "Small"), h("option", { value: "l" }, "Large")),
    h("input", { id: "gift", type: "checkbox", checked: known.gift, onChange: () => keep("gift", !known.gift) }),
    h("input", { id: "fixed", type: "checkbox", checked: true, onChange: () => undefined }),
    ["card", "invoice"].map((each) =>
      h("input", { key: each, id: each, type: "radio", name: "pay", value: each, checked: known.pay === each, onChange: () => keep("pay", each) }),
    ),
    h("input", { ...typed("day"), type: "date" }),
    h("input", { id: "phone", ref: (field) => field && masked(field, (value) => keep("phone", value)) }),
    h("input", { id: "short", maxLength: 5, defaultValue: "" }),
    h("input", { id: "closed", readOnly: true, value: "x" }),
    h("fieldset", { disabled: true }, h("input", { id: "shut" })),
    h("div", { id: "editor", contentEditable: true }),
    h("output", { id: "known" }, JSON.stringify(known)),
  );
}

createRoot(document.getElementById("root")).render(h(Fields));
