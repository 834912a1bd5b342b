/** What went wrong, where a screen shows it; nothing where nothing did. */

import { warningIcon } from "@ringback/look/icons";
import { html, nothing } from "lit";

export const trouble = (words: string) =>
  words ? html`<p class="notice bad" role="alert">${warningIcon}<span>${words}</span></p>` : nothing;
