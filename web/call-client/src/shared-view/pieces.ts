/** What was recorded, cut into messages that the server takes. */

/** Bytes of one message, and of one event: a larger one is a page that cannot be shown. */
export const LARGEST_MESSAGE = 256 * 1024;
export const LARGEST_EVENT = 2 * 1024 * 1024;
/** Characters of a part: each is up to three bytes in UTF-8, and two where JSON quotes it. */
const PART = 64 * 1024;
/** Events of one message. */
const MOST = 1_000;

export interface EventsPiece {
  readonly type: "events";
  readonly page: number;
  readonly seq: number;
  /** JSON texts. */
  readonly events: readonly string[];
}

export interface PartPiece {
  readonly type: "part";
  readonly page: number;
  readonly seq: number;
  /** Which whole it is a part of. */
  readonly of: number;
  readonly index: number;
  readonly count: number;
  readonly data: string;
}

export type Piece = EventsPiece | PartPiece;

const bytes = new TextEncoder();

/** Cuts the events of one document: numbers all messages in their order. */
export class Pieces {
  private seq = 0;
  private wholes = 0;

  constructor(readonly page: number) {}

  /** Messages for these events, which are JSON texts; null: one of them is too large. */
  cut(events: readonly string[]): readonly Piece[] | null {
    const pieces: Piece[] = [];
    let batch: string[] = [];
    let size = 0;
    const close = (): void => {
      if (batch.length > 0) pieces.push({ type: "events", page: this.page, seq: this.seq++, events: batch });
      [batch, size] = [[], 0];
    };
    for (const event of events) {
      const length = bytes.encode(event).length;
      if (length > LARGEST_EVENT) return null;
      if (size + length > LARGEST_MESSAGE || batch.length === MOST) close();
      if (length > LARGEST_MESSAGE) {
        pieces.push(...this.parts(event));
      } else {
        batch.push(event);
        size += length;
      }
    }
    close();
    return pieces;
  }

  private parts(event: string): PartPiece[] {
    const of = this.wholes++;
    const texts = slices(event);
    return texts.map((data, index) => ({
      type: "part",
      page: this.page,
      seq: this.seq++,
      of,
      index,
      count: texts.length,
      data,
    }));
  }
}

/** Never between the halves of one character: half of one cannot be sent. */
function slices(text: string): string[] {
  const found: string[] = [];
  for (let begin = 0; begin < text.length;) {
    let end = Math.min(begin + PART, text.length);
    if (end < text.length && /[\ud800-\udbff]/.test(text[end - 1] ?? "")) end -= 1;
    found.push(text.slice(begin, end));
    begin = end;
  }
  return found;
}

/** A piece as it is sent: the events are JSON already. */
export function pieceText(piece: Piece): string {
  if (piece.type === "part") return JSON.stringify(piece);
  return `{"type":"events","page":${piece.page},"seq":${piece.seq},"events":[${piece.events.join(",")}]}`;
}
