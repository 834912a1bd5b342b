/** The site's ten CSS custom properties, put on the panel; the rest of its colours is mixed from them. */

/** Light, as the settings have it where a site says nothing. */
const DEFAULTS: Readonly<Record<string, string>> = {
  accent: "#1f5fa8",
  on_accent: "#ffffff",
  background: "#ffffff",
  surface: "#f3f5f8",
  text: "#1b2430",
  muted: "#56616e",
  border: "#7a8694",
  danger: "#b3261e",
  radius: "12px",
  font: "system-ui, sans-serif",
};

/** Sets `--ringback-accent` and the others on an element, and whether it is dark. */
export function dress(element: HTMLElement, theme: Readonly<Record<string, string>>): void {
  for (const [name, otherwise] of Object.entries(DEFAULTS)) {
    const value = theme[name] ?? theme[name.replace("_", "-")] ?? otherwise;
    element.style.setProperty(`--ringback-${name.replace("_", "-")}`, value);
  }
  element.style.colorScheme = isDark(theme["background"] ?? "#ffffff") ? "dark" : "light";
}

/** Whether a colour (#rrggbb) is nearer to black than to white, by its relative luminance (WCAG 2.2). */
export function isDark(colour: string): boolean {
  const parts = /^#(..)(..)(..)$/.exec(colour)?.slice(1) ?? [];
  const [red = 1, green = 1, blue = 1] = parts.map((part) => (parseInt(part, 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18;
}
