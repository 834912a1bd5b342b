// A controlled form, as React 19 writes it: it sets `value` attributes as well as properties.
import { createElement as h, useState } from "react";
import { createPortal } from "react-dom";
import { createRoot } from "react-dom/client";

function Delivery() {
  const [zip, setZip] = useState("");
  const [mail, setMail] = useState("SECRET-react-mail");
  const [remarks, setRemarks] = useState("SECRET-react-remarks");
  const [branch, setBranch] = useState("SECRET-react-branch");
  const [news, setNews] = useState(true);
  const [more, setMore] = useState(0);
  const onChange = (set) => (event) => set(event.target.value);
  return h(
    "form",
    { onSubmit: (event) => event.preventDefault() },
    h("h1", null, "Delivery with React"),
    h("p", { className: "account-number", title: "SECRET-react-title" }, "SECRET-react-account"),
    h("label", null, "Mail", h("input", { type: "email", value: mail, onChange: onChange(setMail) })),
    h("label", null, "ZIP code", h("input", { id: "zip", className: "shown", value: zip, onChange: onChange(setZip) })),
    h("output", { id: "noticed" }, zip && `Delivery to ${zip}`),
    h("label", null, "Remarks", h("textarea", { value: remarks, onChange: onChange(setRemarks) })),
    h(
      "label",
      null,
      "Branch",
      h(
        "select",
        { value: branch, onChange: onChange(setBranch) },
        h("option", { value: "SECRET-react-branch" }, "SECRET-react-option"),
        h("option", { value: "other" }, "SECRET-react-other"),
      ),
    ),
    h(
      "label",
      { className: "row" },
      h("input", { type: "checkbox", checked: news, onChange: () => setNews(!news) }),
      "Newsletter",
    ),
    h("label", null, "Card", h("input", { id: "card", autoComplete: "cc-number", defaultValue: "4111111111111111" })),
    h("button", { type: "button", id: "more", onClick: () => setMore(more + 1) }, "Tell me more"),
    h("ul", { id: "clicked" }, Array.from({ length: more }, (_, key) => h("li", { key }, "There is more."))),
    createPortal(h("aside", { className: "soft" }, "Beside the form, by a portal"), document.body),
  );
}

createRoot(document.getElementById("root")).render(h(Delivery));
