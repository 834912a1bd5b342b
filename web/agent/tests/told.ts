/** What the server tells an agent's page: whole messages, of which a test names what it is about. */

const NOW = 1_800_000_010;
const OF_LEG = { ice_servers: [], ice_lifetime: null, now: NOW, under_way: false };

const MESSAGES: Readonly<Record<string, object>> = {
  ring: { ...OF_LEG, leg: "c1-b1", call_id: "c1", state: "ringing", since: NOW },
  leg_state: { leg: "c1-b1", since: NOW },
  me: { agent: "alice", label: "Alice", state: "away", choice: null, paused: [], now: NOW },
  recent_calls: { calls: [], now: NOW },
  desk: {
    codes: [],
    wrap_up: 0,
    transfers: [],
    numbers: false,
    own_phone: false,
    pages: [],
    push: {},
    views: {},
  },
  desk_call: { call_id: "c1", site: "bikes", state: "talking", since: NOW },
  refused: { request: null, reason: "not_understood" },
  pop: { call_id: "c1", state: "offered", since: NOW, cause: null },
};

const POP = {
  call_id: "c1",
  site: "Acme Bikes",
  by: "phone",
  number: "",
  number_verified: true,
  place: "",
  page: "",
  asked_at: NOW,
};

/** A message with the fields that a test names. */
export type Some = { readonly type: string } & Readonly<Record<string, unknown>>;

export function told(message: Some): object {
  const whole = { ...MESSAGES[message.type], ...message };
  return message.type === "pop" ? { ...whole, pop: { ...POP, ...(message["pop"] as object) } } : whole;
}
