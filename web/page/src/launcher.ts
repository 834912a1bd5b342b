/** The floating button. */

import { fixedAt, root } from "./host";

let button: HTMLButtonElement | undefined;
const GAP = 16;

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
  button.style.bottom = GAP + "px";
  const { left, right, bottom } = button.getBoundingClientRect();
  const top = fixedAt((left + right) / 2, bottom)?.top ?? innerHeight;
  button.style.bottom = innerHeight - top + GAP + "px";
}
