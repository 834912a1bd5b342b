/** What a page and the server say to each other about one leg; docs/api.md, "Agents and browser legs". */

export type Audio = "auto" | "opus";
export type HangUpReason = "hung_up" | "declined" | "busy" | "no_microphone" | "no_path";
export type FailedProblem = "bad_offer" | "no_common_codec" | "no_path" | "too_many_offers";

/** An ICE candidate as both sides write it. */
export interface CandidateFields {
  readonly candidate: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
}

/** From the page, about the leg that is named. */
export type PageMessage = { readonly leg: string } & (
  | { readonly type: "offer"; readonly session: number; readonly sdp: string; readonly audio: Audio }
  | { readonly type: "resume" }
  | { readonly type: "ice_servers" }
  | ({ readonly type: "candidate"; readonly session: number } & CandidateFields)
  | { readonly type: "end_of_candidates"; readonly session: number }
  | { readonly type: "hangup"; readonly reason: HangUpReason }
  | { readonly type: "dtmf"; readonly digit: string }
  | {
      readonly type: "quality";
      readonly session: number;
      readonly loss: number;
      readonly jitter_ms: number;
      readonly concealed: number;
    }
);

export interface Ring {
  readonly type: "ring";
  readonly leg: string;
  readonly call_id: string;
  readonly ice_servers: RTCIceServer[];
  /** For how many seconds their password is good; null or nothing: it does not end. */
  readonly ice_lifetime?: number | null;
  /** The leg lives already, and may be taken over. */
  readonly resume: boolean;
}

/** From the server. */
export type ServerMessage =
  | Ring
  | ({ readonly leg: string } & (
      | {
          readonly type: "answer";
          readonly session: number;
          readonly sdp: string;
          readonly audio: "passthrough" | "opus";
        }
      | ({ readonly type: "candidate"; readonly session: number } & CandidateFields)
      | { readonly type: "end_of_candidates"; readonly session: number }
      | { readonly type: "connected"; readonly session: number }
      | { readonly type: "failed"; readonly session: number; readonly problem: FailedProblem }
      | {
          readonly type: "quality";
          readonly session: number;
          readonly up_loss: number;
          readonly up_jitter_ms: number;
          readonly down_loss: number;
          readonly down_jitter_ms: number;
          readonly round_trip_ms?: number;
          readonly advise_opus?: boolean;
        }
      | {
          readonly type: "ice_servers";
          readonly ice_servers: RTCIceServer[];
          readonly ice_lifetime?: number | null;
        }
      | { readonly type: "bye"; readonly cause: string }
      | { readonly type: "gone"; readonly cause: string }
    ));

type Kind = "string" | "number" | "boolean";

/** The fields that each message must have. */
const FIELDS: Readonly<Record<ServerMessage["type"], Readonly<Record<string, Kind>>>> = {
  ring: { call_id: "string", resume: "boolean" },
  answer: { session: "number", sdp: "string", audio: "string" },
  candidate: { session: "number", candidate: "string" },
  end_of_candidates: { session: "number" },
  connected: { session: "number" },
  failed: { session: "number", problem: "string" },
  quality: {
    session: "number",
    up_loss: "number",
    up_jitter_ms: "number",
    down_loss: "number",
    down_jitter_ms: "number",
  },
  ice_servers: {},
  bye: { cause: "string" },
  gone: { cause: "string" },
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A signalling message from the server's JSON, or from what was parsed of it; null for anything else. */
export function parseServerMessage(data: unknown): ServerMessage | null {
  let value = data;
  if (typeof data === "string") {
    try {
      value = JSON.parse(data);
    } catch {
      return null;
    }
  }
  if (!isObject(value) || typeof value["leg"] !== "string" || typeof value["type"] !== "string") return null;
  const { type } = value;
  if (!Object.hasOwn(FIELDS, type)) return null;
  for (const [field, kind] of Object.entries(FIELDS[type as ServerMessage["type"]])) {
    if (typeof value[field] !== kind) return null;
  }
  if ((type === "ring" || type === "ice_servers") && !Array.isArray(value["ice_servers"])) return null;
  return value as unknown as ServerMessage;
}
