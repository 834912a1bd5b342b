/** The screen pop: what this agent may see of one call. docs/screen-pop.md tells its fields. */

import { webAddress } from "./addresses";
import { type Fields, isRecord, list, numberOrNull, oneOf, text } from "./reading";

/** One thing that is known of the shopper. */
export interface PopField {
  readonly key: string;
  readonly label: string;
  /** Empty where it is masked. */
  readonly value: string;
  readonly masked: boolean;
  /** Of what the page claims: the retailer's server signed another value. */
  readonly differs: boolean;
}

/** A page about the shopper in another system. */
export interface PopLink {
  readonly label: string;
  readonly url: string;
  /** When it opens by itself. */
  readonly open: "never" | "offer" | "answer";
}

/** What an agent wrote on an earlier call. */
export interface EarlierNote {
  readonly agent: string;
  /** What it was about; empty where nobody said. */
  readonly code: string;
  readonly text: string;
}

export interface EarlierCall {
  readonly callId: string;
  /** In seconds since the epoch, as all times here. */
  readonly at: number;
  readonly page: string;
  readonly disposition: string;
  readonly talkedTo: string;
  /** How long they talked. */
  readonly seconds: number;
  readonly notes: readonly EarlierNote[];
}

export interface Pop {
  readonly callId: string;
  /** What people call the site. */
  readonly site: string;
  readonly by: "phone" | "pc";
  readonly number: string;
  /** Whether the number is the shopper's for certain; else anybody may have typed it. */
  readonly numberVerified: boolean;
  readonly place: string;
  readonly page: string;
  /** Whether that is a page of the site's. */
  readonly pageKnown: boolean;
  /** Empty where nobody tells it. */
  readonly name: string;
  readonly nameSigned: boolean;
  readonly askedAt: number;
  readonly signed: readonly PopField[];
  readonly claimed: readonly PopField[];
  readonly links: readonly PopLink[];
  /** The newest first; null while it is being looked up. */
  readonly history: readonly EarlierCall[] | null;
}

export type PopState = "offered" | "answered" | "over";

export function readPop(value: unknown): Pop | null {
  if (!isRecord(value)) return null;
  return {
    callId: text(value["call_id"]),
    site: text(value["site"]),
    by: oneOf(["phone", "pc"], value["by"]),
    number: text(value["number"]),
    numberVerified: value["number_verified"] === true,
    place: text(value["place"]),
    page: text(value["page"]),
    pageKnown: value["page_known"] === true,
    name: text(value["name"]),
    nameSigned: value["name_signed"] === true,
    askedAt: numberOrNull(value["asked_at"]) ?? Date.now() / 1000,
    signed: list(value["signed"], readField),
    claimed: list(value["claimed"], readField),
    links: list(value["links"], readLink),
    history: Array.isArray(value["history"]) ? list(value["history"], readEarlier) : null,
  };
}

function readField(field: Fields): PopField | null {
  const key = text(field["key"]);
  return key === ""
    ? null
    : {
        key,
        label: text(field["label"]) || key,
        value: text(field["value"]),
        masked: field["masked"] === true,
        differs: field["differs"] === true,
      };
}

function readLink(link: Fields): PopLink | null {
  const url = webAddress(text(link["url"]));
  return url === null
    ? null
    : { url, label: text(link["label"]) || url, open: oneOf(["never", "offer", "answer"], link["open"]) };
}

function readEarlier(call: Fields): EarlierCall | null {
  const at = numberOrNull(call["at"]);
  return at === null
    ? null
    : {
        callId: text(call["call_id"]),
        at,
        page: text(call["page"]),
        disposition: text(call["disposition"]),
        talkedTo: text(call["talked_to"]),
        seconds: numberOrNull(call["seconds"]) ?? 0,
        notes: list(call["notes"], (note) => ({
          agent: text(note["agent"]),
          code: text(note["code"]),
          text: text(note["text"]),
        })),
      };
}
