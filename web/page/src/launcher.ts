/** The floating button. */

import { fixedAt, root } from "./host";

let button: HTMLButtonElement | undefined;
const GAP = 16;
/** Pixels by which it stands higher than in its corner. */
let lift = 0;

/** Shows it at this corner with this name; hides it without one. */
export function showLauncher(corner: string, name: string, press: (button: HTMLElement) => void): void {
  if (!name || corner === "none") {
    button?.remove();
    return;
  }
  if (!button) {
    const made = (button = document.createElement("button"));
    made.onclick = () => press(made);
  }
  button.className = "launcher " + corner;
  button.textContent = name;
  if (!button.isConnected) root().append(button);
  settle();
}

/** Keeps it clear of what the shop has at the bottom of the window, such as a cookie banner. */
export function settle(): void {
  if (!button?.isConnected) return;
  const { left, right, bottom } = button.getBoundingClientRect();
  lift = innerHeight - (fixedAt((left + right) / 2, bottom + lift)?.top ?? innerHeight);
  // The same as before costs no layout and no paint.
  button.style.bottom = lift + GAP + "px";
}
