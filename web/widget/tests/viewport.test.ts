import { afterEach, describe, expect, it, vi } from "vitest";
import { followViewport } from "../src/viewport";

/** What is seen of a window of 800 pixels. */
class Seen extends EventTarget {
  height = 800;
  offsetTop = 0;
  scale = 1;

  be(height: number, scale = 1, offsetTop = 0): void {
    Object.assign(this, { height, scale, offsetTop });
    this.dispatchEvent(new Event("resize"));
  }
}

describe("followViewport", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("keeps the panel above a software keyboard, and lets a pinch zoom be one", () => {
    vi.stubGlobal("window", { innerHeight: 800 });
    const sizes = new Map<string, string>();
    const style = {
      translate: "",
      setProperty: (name: string, value: string) => void sizes.set(name, value),
    };
    const seen = new Seen();
    const stop = followViewport({ style } as unknown as HTMLElement, seen as unknown as VisualViewport);
    const look = () => [sizes.get("--ringback-height"), style.translate];
    expect(look()).toEqual(["800px", "none"]);
    seen.be(500);
    expect(look()).toEqual(["500px", "0 -300px"]);
    seen.be(500, 1, 120);
    expect(look()).toEqual(["500px", "0 -180px"]);
    seen.be(400, 2);
    expect(look()).toEqual(["100dvh", "none"]);
    seen.be(800);
    stop();
    seen.be(300);
    expect(look()).toEqual(["800px", "none"]);
  });
});
