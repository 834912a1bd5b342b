import { describe, expect, it } from "vitest";
import { CallApi, CallProblem, CallProof, type Challenge } from "../src";

const CHALLENGE: Challenge = {
  algorithm: "SHA-256",
  challenge: "0".repeat(64),
  maxnumber: 8,
  salt: "s",
  signature: "f".repeat(64),
};

/** A proof whose challenges are counted, on a clock of its own. */
function making(
  answers: (() => unknown)[] = [],
  work: (n: number) => string | null = (n) => `proof-${n}`,
): { proof: CallProof; world: { time: number; asked: number; stopped: number } } {
  const world = { time: 0, asked: 0, stopped: 0 };
  const proof = new CallProof(
    async () => {
      world.asked += 1;
      const answer = answers.shift();
      return answer ? answer() : { challenge: CHALLENGE, expires_in: 300 };
    },
    async (_, signal) => {
      const n = world.asked;
      await Promise.resolve();
      if (signal?.aborted) {
        world.stopped += 1;
        signal.throwIfAborted();
      }
      return work(n);
    },
    () => world.time,
  );
  return { proof, world };
}

const unreachable = () => {
  throw new CallProblem("server_unreachable", "no");
};

describe("CallProof", () => {
  it("is made once, however often the field is focused, and lasts through tries that were refused", async () => {
    const { proof, world } = making();
    for (let focus = 0; focus < 3; focus += 1) proof.prepare();
    expect(await proof.get()).toBe("proof-1");
    expect(await proof.get()).toBe("proof-1");
    expect(world.asked).toBe(1);
  });

  it("is made again before the old one has expired", async () => {
    const { proof, world } = making();
    expect(await proof.get()).toBe("proof-1");
    world.time = 279_999;
    expect(await proof.get()).toBe("proof-1");
    world.time = 280_001;
    expect(await proof.get()).toBe("proof-2");
  });

  it("is not made where the site wants none", async () => {
    const { proof } = making([() => ({ challenge: null, expires_in: 300 })]);
    expect(await proof.get()).toBeNull();
  });

  it("is tried again when the form is sent, where the first try failed behind it", async () => {
    const { proof, world } = making([unreachable]);
    proof.prepare();
    await Promise.resolve();
    expect(await proof.get()).toBe("proof-2");
    expect(world.asked).toBe(2);
  });

  it("tells what is wrong when it cannot be made", async () => {
    const dead = making([unreachable, unreachable]).proof;
    await expect(dead.get()).rejects.toMatchObject({ id: "server_unreachable" });
    for (const answer of [{}, { challenge: {}, expires_in: 1 }, { challenge: CHALLENGE }]) {
      const odd = making([() => answer, () => answer]).proof;
      await expect(odd.get()).rejects.toMatchObject({ id: "proof_failed" });
    }
    await expect(making([], () => null).proof.get()).rejects.toMatchObject({ id: "proof_failed" });
  });

  it("works no more when the panel was closed, and begins afresh when it is opened again", async () => {
    const { proof, world } = making();
    proof.prepare();
    await Promise.resolve();
    proof.stop();
    expect(proof.begun).toBe(false);
    expect(await proof.get()).toBe("proof-2");
    expect(world.stopped).toBe(1);
  });
});

describe("CallApi with a proof", () => {
  const REQUEST = { site_key: "k", number: "617 555 0101", country: "US", page: "", context: {} };

  /** A server that answers requests for calls by these problems, one after the other, then places one. */
  function serving(problems: string[]) {
    const sent: { form_token?: string; proof?: string }[] = [];
    let challenges = 0;
    const api = new CallApi("https://ringback.example", async (url, init) => {
      const body = JSON.parse(String(init?.body));
      if (String(url).endsWith("/v1/calls/token")) return Response.json({ form_token: `t${sent.length}` });
      if (String(url).endsWith("/v1/page/challenge")) {
        expect(body).toEqual({ site_key: "k" });
        challenges += 1;
        return Response.json({ challenge: { ...CHALLENGE, maxnumber: 0 }, expires_in: 300 });
      }
      sent.push(body);
      const problem = problems.shift();
      if (problem) return Response.json({ id: problem, detail: "no" }, { status: 403 });
      return Response.json({ id: "c1", token: "t" }, { status: 201 });
    });
    let made = 0;
    const proof = new CallProof(
      async () => ({ challenge: CHALLENGE, expires_in: 300 }),
      async () => `p${(made += 1)}`,
    );
    return { api, proof, sent, challenges: () => challenges };
  }

  it("sends one that was begun at once", async () => {
    const { api, proof, sent } = serving([]);
    proof.prepare();
    await api.request(REQUEST, proof);
    expect(sent).toEqual([{ ...REQUEST, proof: "p1" }]);
    expect(proof.begun).toBe(false);
  });

  it("makes one when it is asked for it, with a token that is asked for as well", async () => {
    const { api, proof, sent } = serving(["proof_missing", "form_token_missing"]);
    await api.request(REQUEST, proof);
    expect(sent.map((each) => [each.proof, each.form_token])).toEqual([
      [undefined, undefined],
      ["p1", undefined],
      ["p1", "t2"],
    ]);
  });

  it("makes another one, once, where the first was refused, and then tells the problem", async () => {
    const { api, proof, sent } = serving(["proof_invalid", "proof_invalid"]);
    proof.prepare();
    await expect(api.request(REQUEST, proof)).rejects.toMatchObject({ id: "proof_invalid" });
    expect(sent.map((each) => each.proof)).toEqual(["p1", "p2"]);
  });

  it("keeps it for another try, where the number was wrong", async () => {
    const { api, proof, sent } = serving(["number_invalid"]);
    proof.prepare();
    await expect(api.request(REQUEST, proof)).rejects.toMatchObject({ id: "number_invalid" });
    await api.request(REQUEST, proof);
    expect(sent.map((each) => each.proof)).toEqual(["p1", "p1"]);
  });

  it("tells what is wrong where the browser cannot solve the challenge", async () => {
    const { api, challenges } = serving(["proof_missing"]);
    await expect(api.request(REQUEST)).rejects.toMatchObject({ id: "proof_failed" });
    expect(challenges()).toBe(2);
  });
});
