// Every kind of field without a framework, and what the page knows of them.
import { masked } from "./masked.js";

document.getElementById("root").innerHTML = `
  <input id="text"> <input id="digits" value="1"> <textarea id="remarks"></textarea>
  <select id="size"><option value="s">Small</option><option value="l">Large</option></select>
  <input id="gift" type="checkbox"> <input id="fixed" type="checkbox" checked>
  <input id="card" type="radio" name="pay" value="card" checked> <input id="invoice" type="radio" name="pay" value="invoice">
  <input id="day" type="date"> <input id="phone"> <input id="short" maxlength="5"> <input id="closed" readonly value="x">
  <fieldset disabled><input id="shut"></fieldset> <div id="editor" contenteditable></div>
  <output id="known"></output>`;
const field = (id) => document.getElementById(id);
const known = { text: "", digits: "1", remarks: "", size: "s", gift: false, pay: "card", day: "" };
const keep = (name, value) => {
  known[name] = value;
  field("known").textContent = JSON.stringify(known);
};
for (const id of ["text", "remarks", "size", "day"]) field(id).addEventListener("change", () => keep(id, field(id).value));
field("digits").addEventListener("input", () => (field("digits").value = field("digits").value.replace(/\D/g, "")));
field("digits").addEventListener("focusout", () => keep("digits", field("digits").value));
field("gift").addEventListener("change", () => keep("gift", field("gift").checked));
field("fixed").addEventListener("click", (event) => event.preventDefault());
for (const id of ["card", "invoice"]) field(id).addEventListener("change", () => keep("pay", id));
masked(field("phone"), (value) => keep("phone", value));
