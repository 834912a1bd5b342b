import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LONGEST_NOTE, Note } from "../src/note";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function note() {
  const sent: string[] = [];
  return {
    sent,
    note: new Note(
      (text) => {
        sent.push(text);
        return true;
      },
      () => {},
    ),
  };
}

it("is sent a moment after the last key, and kept when the server says so", () => {
  const { note: pad, sent } = note();
  pad.write("W");
  vi.advanceTimersByTime(500);
  pad.write("Wants");
  vi.advanceTimersByTime(699);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual(["Wants"]);
  expect(pad.state).toBe("open");
  pad.write("Wants a trailer");
  pad.told("Wants");
  expect(pad.state).toBe("open");
  pad.flush();
  pad.told("Wants a trailer");
  expect(pad).toMatchObject({ state: "kept", saved: true, text: "Wants a trailer" });
  pad.flush();
  expect(sent).toEqual(["Wants", "Wants a trailer"]);
});

it("shows what another page wrote, but never over what is being written", () => {
  const { note: pad } = note();
  pad.told("from before");
  expect(pad.text).toBe("from before");
  pad.write("mine");
  pad.told("theirs");
  expect(pad.text).toBe("mine");
});

it("says when it was not kept, and is as long as the server takes it", () => {
  const { note: pad } = note();
  pad.write("x".repeat(LONGEST_NOTE + 1));
  expect(pad.text).toHaveLength(LONGEST_NOTE);
  pad.flush();
  pad.failed();
  expect(pad.state).toBe("failed");
  pad.flush();
  pad.told(pad.text);
  pad.failed();
  expect(pad.state).toBe("kept");
});
