/** What the browser keeps of a chat: whose it is in localStorage, for all tabs; what is being written, in the tab. */

import { parseJson } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import type { CallTicket } from "@ringback/call-client";
import type { Unsent } from "./chat-story";

/** A chat that this browser has. */
export interface KeptChat {
  /** The server and the site. */
  readonly of: string;
  /** Who the shop's page said that it is: see {@link identity}. */
  readonly who: string;
  readonly ticket: CallTicket;
  readonly ended: boolean;
  readonly rated: boolean;
}

/** What a tab was about to say. */
export interface TabDraft {
  readonly id: string;
  readonly draft: string;
  readonly unsent: readonly Unsent[];
  /** The key of a chat that was asked for, and not answered yet. */
  readonly wish: string;
}

/** In localStorage. */
export const CHAT_KEY = "ringback.chat";
const DRAFT_KEY = "ringback.chat-draft";

type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Where the browser forbids storage, or it is full, nothing is kept. */
function attempt<T>(what: () => T): T | null {
  try {
    return what();
  } catch {
    return null;
  }
}

export class ChatMemory {
  constructor(
    private readonly lasting: () => Keep = () => localStorage,
    private readonly tab: () => Keep = () => sessionStorage,
  ) {}

  get chat(): KeptChat | null {
    return readChat(parseJson(attempt(() => this.lasting().getItem(CHAT_KEY)) ?? ""));
  }

  keep(chat: KeptChat): void {
    attempt(() => this.lasting().setItem(CHAT_KEY, JSON.stringify(chat)));
  }

  forget(id: string): void {
    if (this.chat?.ticket.id === id) attempt(() => this.lasting().removeItem(CHAT_KEY));
  }

  /** What this tab was about to say, told once. */
  takeDraft(): TabDraft | null {
    const text = attempt(() => this.tab().getItem(DRAFT_KEY));
    attempt(() => this.tab().removeItem(DRAFT_KEY));
    return readDraft(parseJson(text ?? ""));
  }

  keepDraft(draft: TabDraft): void {
    attempt(() => this.tab().setItem(DRAFT_KEY, JSON.stringify(draft)));
  }
}

function readChat(value: unknown): KeptChat | null {
  if (!isRecord(value) || !isRecord(value["ticket"])) return null;
  const { of, who } = value;
  const { id, token } = value["ticket"];
  if (typeof of !== "string" || typeof who !== "string") return null;
  if (typeof id !== "string" || typeof token !== "string") return null;
  return { of, who, ticket: { id, token }, ended: value["ended"] === true, rated: value["rated"] === true };
}

function readDraft(value: unknown): TabDraft | null {
  if (!isRecord(value)) return null;
  const { id, draft, unsent, wish } = value;
  if (typeof id !== "string" || typeof draft !== "string" || typeof wish !== "string") return null;
  const read = (each: unknown): Unsent[] =>
    isRecord(each) && typeof each["key"] === "string" && typeof each["text"] === "string"
      ? [{ key: each["key"], text: each["text"], refused: null }]
      : [];
  return { id, draft, wish, unsent: Array.isArray(unsent) ? unsent.flatMap(read) : [] };
}

/**
 * Who a page token is about: its claims without those that differ from one token to the next. A chat of one customer
 * is not shown to another one who uses the same browser.
 */
export function identity(token: string | null): string {
  if (token === null) return "";
  const claims = parseJson(attempt(() => decoded(token.split(".")[1] ?? "")) ?? "");
  if (!isRecord(claims)) return token;
  const passing = ["iat", "exp", "nbf", "jti"];
  const lasting = Object.entries(claims).filter(([name]) => !passing.includes(name));
  return JSON.stringify(lasting.sort(([one], [other]) => (one < other ? -1 : 1)));
}

const decoded = (base64url: string): string =>
  new TextDecoder().decode(
    Uint8Array.from(
      atob(base64url.replaceAll("-", "+").replaceAll("_", "/")),
      (each) => each.codePointAt(0) ?? 0,
    ),
  );
