import { describe, expect, it } from "vitest";
import { CallApi, CallProblem } from "../src";
import { line } from "./lines";

const REQUEST = {
  site_key: "k",
  number: "617 555 0101",
  country: "US",
  page: "https://shop.example/",
  context: {},
};
const TICKET = { id: "c 1", token: "secret" };

function answering(response: () => Response | Promise<Response>) {
  const seen: { url: string; init: RequestInit }[] = [];
  const api = new CallApi("https://ringback.example", async (url, init) => {
    seen.push({ url: String(url), init: init ?? {} });
    return response();
  });
  return { api, seen };
}

const problem = async (promise: Promise<unknown>): Promise<CallProblem> => {
  const caught = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (caught instanceof CallProblem) return caught;
  throw new Error(`no CallProblem but ${String(caught)}`);
};

describe("CallApi", () => {
  it("asks for a call and hands back its ticket and its first line", async () => {
    const progress = line(0, { state: "ended", disposition: "callback_booked", callback_at: 9_000 });
    const { api, seen } = answering(() =>
      Response.json({ id: "c1", token: "t1", progress, more: 1 }, { status: 201 }),
    );
    expect(await api.request(REQUEST)).toEqual({ ticket: { id: "c1", token: "t1" }, progress, leg: null });
    expect(seen[0]?.url).toBe("https://ringback.example/v1/calls");
    expect(seen[0]?.init).toMatchObject({ method: "POST", credentials: "omit" });
    expect(JSON.parse(String(seen[0]?.init.body))).toEqual(REQUEST);
  });

  it("gets a token for its call where the site wants one, a new one for each", async () => {
    let tokens = 0;
    const api = new CallApi("https://ringback.example", async (url, init) => {
      const body = JSON.parse(String(init?.body));
      if (String(url).endsWith("/v1/calls/token")) {
        expect(body).toEqual({ site_key: "k" });
        tokens += 1;
        return Response.json({ form_token: `token-${tokens}`, expires_at: 1 }, { status: 201 });
      }
      const missing = { id: "form_token_missing", detail: "Get one." };
      if (body.form_token === undefined) return Response.json(missing, { status: 403 });
      return Response.json({ id: body.form_token, token: "t" }, { status: 201 });
    });
    expect((await api.request(REQUEST)).ticket.id).toBe("token-1");
    expect((await api.request(REQUEST)).ticket.id).toBe("token-2");
  });

  it("asks for a call by PC without a number, and hands back the leg to connect", async () => {
    const servers = [{ urls: ["stun:stun.example"], username: null, credential: null }];
    const leg = { leg: "c1-s1", ice_servers: servers };
    const { api, seen } = answering(() => Response.json({ id: "c1", token: "t1", ...leg }));
    const wish = { site_key: "k", by: "pc", page: "https://shop.example/", context: {} } as const;
    expect((await api.request(wish)).leg).toEqual(leg);
    expect(JSON.parse(String(seen[0]?.init.body))).toEqual(wish);
  });

  it("hangs up with the ticket's token, and minds not that the call is over", async () => {
    const { api, seen } = answering(() => new Response(null, { status: 204 }));
    await api.hangUp(TICKET);
    expect(seen[0]?.url).toBe("https://ringback.example/v1/calls/c%201");
    expect(seen[0]?.init.headers).toMatchObject({ Authorization: "Bearer secret" });
    await answering(() => Response.json({ id: "call_unknown" }, { status: 404 })).api.hangUp(TICKET);
  });

  it("looks at the call's callback with its token, and cancels it with its secret", async () => {
    const link = "https://ringback.example/callbacks/s3cret";
    let state = "booked";
    const { api, seen } = answering(() => Response.json({ at: 9_000, when: "on Tuesday", state, link }));
    const callback = await api.callback(TICKET);
    expect(callback).toMatchObject({ at: 9_000, state: "booked", secret: "s3cret", link });
    expect(seen[0]?.url).toBe("https://ringback.example/v1/calls/c%201/callback");
    expect(seen[0]?.init.headers).toMatchObject({ Authorization: "Bearer secret" });
    state = "cancelled";
    expect(await api.cancelCallback(callback)).toMatchObject({ state: "cancelled" });
    expect(seen[1]?.url).toBe("https://ringback.example/v1/callbacks/s3cret");
    expect(seen[1]?.init.method).toBe("DELETE");
    expect(seen[1]?.init.headers).not.toHaveProperty("Authorization");
  });

  it.each([
    {},
    { at: 1, state: "booked" },
    { at: 1, state: "dreamt", link: "https://ringback.example/callbacks/s" },
    { at: 1, state: "booked", link: "javascript:alert(1)//s" },
    { at: 1, state: "booked", link: "https://ringback.example/callbacks/" },
  ])("refuses the callback %j", async (body) => {
    const { api } = answering(() => Response.json(body));
    expect((await problem(api.callback(TICKET))).id).toBe("unreadable_answer");
  });

  it("turns a problem response into a CallProblem with the words of its fields", async () => {
    const body = {
      id: "invalid_number",
      title: "Invalid number",
      status: 422,
      detail: "This is no phone number.",
      errors: [{ path: "body.number", message: "too short" }, "nonsense"],
    };
    const { api } = answering(() => Response.json(body, { status: 422 }));
    expect(await problem(api.request(REQUEST))).toMatchObject({
      id: "invalid_number",
      message: "This is no phone number.",
      status: 422,
      fields: [{ field: "number", message: "too short" }],
    });
  });

  it("keeps Retry-After", async () => {
    const { api } = answering(() =>
      Response.json({ id: "busy", title: "Busy" }, { status: 503, headers: { "Retry-After": "30" } }),
    );
    expect(await problem(api.request(REQUEST))).toMatchObject({ message: "Busy", retryAfter: 30 });
  });

  it("has words for a server that is away, and for one that talks nonsense", async () => {
    const away = answering(() => Promise.reject(new TypeError("Failed to fetch")));
    expect((await problem(away.api.request(REQUEST))).id).toBe("server_unreachable");
    const nonsense = answering(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect((await problem(nonsense.api.request(REQUEST))).id).toBe("unreadable_answer");
    const empty = answering(() => Response.json({}, { status: 201 }));
    expect((await problem(empty.api.request(REQUEST))).id).toBe("unreadable_answer");
  });
});
