import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Challenge, readChallenge, solve } from "../src";
import { DigestSearch } from "../src/sha256";

const digest = (of: string): string => createHash("sha256").update(of).digest("hex");

function challengeOf(
  answer: number,
  { maxnumber = 4096, salt = "5a17?expires=1800000000&" } = {},
): Challenge {
  return {
    algorithm: "SHA-256",
    challenge: digest(`${salt}${answer}`),
    maxnumber,
    salt,
    signature: "f".repeat(64),
  };
}

const proof = (text: string | null): Record<string, unknown> => JSON.parse(atob(text ?? "bnVsbA=="));

describe("DigestSearch", () => {
  it("has the digests of node's own SHA-256, for prefixes of every length around the blocks", () => {
    for (let length = 0; length < 140; length += 1) {
      const prefix = "salt?&=".repeat(20).slice(0, length);
      for (const answer of [0, 9, 10, 4_194_304]) {
        const search = new DigestSearch(prefix, digest(`${prefix}${answer}`));
        expect(search.among(Math.max(0, answer - 2), answer + 2)).toBe(answer);
      }
    }
  });

  it("finds nothing where there is nothing", () => {
    expect(new DigestSearch("a", digest("b1")).among(0, 2000)).toBe(-1);
  });
});

describe("solve", () => {
  it.each([0, 1, 127, 128, 4095, 4096])("finds %i, and sends back what the server signed", async (answer) => {
    const challenge = challengeOf(answer);
    expect(proof(await solve(challenge))).toEqual({
      algorithm: "SHA-256",
      challenge: challenge.challenge,
      number: answer,
      salt: challenge.salt,
      signature: challenge.signature,
    });
  });

  it("gives up at the largest number, and with an algorithm of tomorrow", async () => {
    expect(await solve(challengeOf(4097))).toBeNull();
    expect(await solve({ ...challengeOf(1), algorithm: "SHA-512" })).toBeNull();
  });

  it("works for 8 ms at a time, however slow the browser is", async () => {
    let time = 0;
    let began = 0;
    const slices: number[] = [];
    const world = {
      now: () => (time += 1), // each look at the time, after 128 digests, comes 1 ms later
      rest: async () => {
        slices.push(time - began);
        began = time;
      },
    };
    await solve(challengeOf(4096), undefined, world);
    expect(slices.length).toBeGreaterThan(2);
    expect(Math.max(...slices)).toBeLessThanOrEqual(9);
  });

  it("stops at once when nobody wants it any more", async () => {
    const stop = new AbortController();
    const world = { now: () => Date.now(), rest: async () => stop.abort(new Error("closed")) };
    await expect(solve(challengeOf(4_194_304, { maxnumber: 4_194_304 }), stop.signal, world)).rejects.toThrow(
      "closed",
    );
  });
});

it("reads a newer server's challenge, and none that lacks a field", () => {
  const { salt, ...lacking } = challengeOf(1);
  expect(readChallenge({ ...lacking, salt, more: 1 })).toEqual({ ...lacking, salt });
  expect(readChallenge(lacking)).toBeUndefined();
});
