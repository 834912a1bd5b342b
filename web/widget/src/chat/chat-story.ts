/** What was said in a chat, in the server's order without a gap, and what is on its way there. No I/O. */

import type { ChatEntries, ChatLineTold } from "@ringback/call-client/chat";

/** What the shopper wrote and the server has not confirmed. */
export interface Unsent {
  readonly key: string;
  readonly text: string;
  /** Why the server did not take it; null: it is being sent. */
  readonly refused: string | null;
}

export class ChatStory {
  /** Whether there are earlier entries, which are not here. */
  earlier = false;
  private readonly said = new Map<number, ChatLineTold>();

  constructor(public unsent: readonly Unsent[] = []) {}

  /** The entries up to the first gap: what comes after it waits until the gap is filled. */
  get lines(): readonly ChatLineTold[] {
    const lines: ChatLineTold[] = [];
    for (let seq = this.first; this.said.has(seq); seq += 1) lines.push(this.said.get(seq)!);
    return lines;
  }

  /** The first entry that is here; Infinity: none. */
  get first(): number {
    return Math.min(...this.said.keys());
  }

  /** The last entry without a gap before it; null: none. */
  get last(): number | null {
    return this.lines.at(-1)?.seq ?? null;
  }

  /** Take what the server tells; true: something in between is missing, so follow again. */
  hear({ earlier, entries }: ChatEntries): boolean {
    const before = this.first;
    let isNews = false;
    for (const entry of entries) {
      // Notes are for agents; the server does not tell them to shoppers.
      if (entry.seq < 1 || entry.kind === "note") continue;
      isNews ||= !this.said.has(entry.seq);
      this.said.set(entry.seq, entry);
      if (entry.key !== null) this.settle(entry.key);
    }
    // Only what begins before all that was here says whether there is more.
    if (this.first < before) this.earlier = earlier && this.first > 1;
    return isNews && this.last !== Math.max(...this.said.keys());
  }

  /** A key came twice: it is this entry; true: the entry is not here, so follow again. */
  repeated(key: string, seq: number): boolean {
    if (!this.said.has(seq)) return true;
    this.settle(key);
    return false;
  }

  write(key: string, text: string): Unsent {
    const unsent = { key, text, refused: null };
    this.unsent = [...this.unsent, unsent];
    return unsent;
  }

  refuse(key: string | null, reason: string): boolean {
    const has = this.unsent.some((each) => each.key === key);
    this.unsent = this.unsent.map((each) => (each.key === key ? { ...each, refused: reason } : each));
    return has;
  }

  /** Whatever waits is not being sent: the chat could not be opened. */
  refuseAll(reason: string): void {
    this.unsent = this.unsent.map((each) => ({ ...each, refused: each.refused ?? reason }));
  }

  /** Try once more. */
  again(key: string): void {
    this.unsent = this.unsent.map((each) => (each.key === key ? { ...each, refused: null } : each));
  }

  /** Give it up; its text. */
  takeBack(key: string): string {
    const text = this.unsent.find((each) => each.key === key)?.text ?? "";
    this.settle(key);
    return text;
  }

  private settle(key: string): void {
    this.unsent = this.unsent.filter((each) => each.key !== key);
  }
}

/** A page that an agent offers: what the shopper reads, and where it is. */
export interface OfferedPage {
  readonly title: string;
  readonly url: string;
}

/** The page of a card. */
export function pageOfCard({ text }: ChatLineTold): OfferedPage {
  const [title = "", url = ""] = text.split("\n");
  return { title, url };
}

/** The number of the card that waits for the shopper's answer; null: none. */
export function openCard(lines: readonly ChatLineTold[]): number | null {
  let open: number | null = null;
  for (const { kind, seq, text } of lines) {
    if (kind === "card") open = seq;
    else if (kind === "event" && (text === "page_accepted" || text === "page_declined")) open = null;
  }
  return open;
}
