// What a page does with secrets while it is looked at. Tests call `live()`, and nothing of it may reach the agent.
window.live = () => {
  const every = (selector) => [...document.querySelectorAll(selector)];
  for (const field of every("input:not([type=submit], [type=file], .shown), textarea")) {
    field.setAttribute("value", "SECRET-live-attribute");
    field.setAttribute("data-was", "SECRET-live-data");
    if (!["radio", "checkbox"].includes(field.type)) {
      const prototype = field.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
      // As frameworks set it, and as people type it.
      Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(field, "SECRET-live-value");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  for (const area of every("textarea")) area.textContent = "SECRET-live-textarea";
  for (const secret of every(".account-number, [data-private]")) {
    secret.setAttribute("aria-label", "SECRET-live-label");
    secret.setAttribute("title", "SECRET-live-title");
    const added = document.createElement("span");
    added.textContent = "SECRET-live-text";
    added.setAttribute("aria-label", "SECRET-live-label");
    secret.append(added);
    // Whoever was private once stays so.
    secret.classList.remove("account-number");
    secret.removeAttribute("data-private");
    added.firstChild.data = "SECRET-live-text-after";
  }
  for (const field of every("[type=password]")) {
    field.type = "text"; // the eye that shows a password
    field.value = "SECRET-live-password";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const editor of every("[contenteditable]")) editor.append("SECRET-live-editor");
  for (const select of every("select:not(.shown)")) {
    select.append(new Option("SECRET-live-option", "SECRET-live-option", true, true));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = "SECRET-live-name";
  hidden.value = "SECRET-live-hidden";
  const link = document.createElement("a");
  link.href = "/account?token=SECRET-live-link";
  link.textContent = "A link from now";
  link.setAttribute("onclick", "void 'SECRET-live-handler'");
  document.querySelector("main").append(hidden, document.createComment("SECRET-live-comment"), link);
  history.replaceState({}, "", "?q=SECRET-live-query#SECRET-live-fragment");
};
