/** The little of a browser that the loader's modules need before they run. */

import { vi } from "vitest";

vi.stubGlobal("window", globalThis);
vi.stubGlobal("getComputedStyle", () => ({}));
