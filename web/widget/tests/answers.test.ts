import { describe, expect, it } from "vitest";
import { type AnswerNews, AnswersApi } from "../src/answers/answers-api";
import { answersWords } from "../src/answers/answers-words";
import { Asking } from "../src/answers/asking";

function asking() {
  const told: string[] = [];
  const session = new Asking(({ what, question, answer }: AnswerNews) =>
    told.push(`${what} ${question} ${answer}`.trim()),
  );
  return { session, told };
}

describe("Asking", () => {
  it("tells nothing of half a question, and a whole one once", () => {
    const { session, told } = asking();
    for (const typed of ["r", "re", "refund "]) session.type(typed);
    expect(told).toEqual([]);
    session.settle();
    session.settle();
    session.type("Refund");
    session.settle();
    expect(told).toEqual(["asked refund"]);
  });

  it("tells what was read for it, what the shopper says of it, and that they want to talk", () => {
    const { session, told } = asking();
    session.type("refund");
    session.open("returns");
    session.open("returns");
    session.helped("returns", false);
    session.goOn();
    expect(told).toEqual([
      "asked refund",
      "opened refund returns",
      "not_helped refund returns",
      "contacted refund returns",
    ]);
  });

  it("tells of suggestions without a question", () => {
    const { session, told } = asking();
    session.open("hours");
    session.helped("hours", true);
    expect(told.map((each) => each.replace(/ +/g, " "))).toEqual(["opened hours", "helped hours"]);
  });

  it("tells nothing of a shopper who only wants to talk", () => {
    const { session, told } = asking();
    session.goOn();
    expect(told).toEqual([]);
  });
});

describe("AnswersApi", () => {
  const answer = { id: "returns", question: "How?", paragraphs: [[{ text: "So.", href: null }]] };
  const place = {
    base: "https://calls.example/ringback/",
    site: "shop-key",
    page: () => "https://shop.example/a b",
    language: () => "en-GB",
    visitor: () => "v".repeat(22),
  };

  function api(response: () => Response) {
    const seen: { url: string; init: RequestInit }[] = [];
    return {
      seen,
      api: new AnswersApi(place, async (url, init) => {
        seen.push({ url: String(url), init: init ?? {} });
        return response();
      }),
    };
  }

  it("asks by page, question and language, without credentials", async () => {
    const { api: answers, seen } = api(() => Response.json({ language: "en", answers: [answer], more: 1 }));
    expect(await answers.find("x".repeat(300))).toEqual([answer]);
    const url = new URL(seen[0]?.url ?? "");
    expect(url.pathname).toBe("/ringback/v1/page/shop-key/answers");
    expect(url.searchParams.get("q")).toHaveLength(200);
    expect(url.searchParams.get("page")).toBe("https://shop.example/a b");
    expect(seen[0]?.init.credentials).toBe("omit");
  });

  it("knows when the server does not say, and leaves out what it cannot read", async () => {
    const broken = [
      () => new Response("", { status: 500 }),
      () => Response.json({ id: "limit_requests" }, { status: 429 }),
      () => Response.json({ answers: "none" }),
      () => new Response("<html>"),
      () => {
        throw new TypeError("offline");
      },
    ];
    for (const each of broken) expect(await api(each).api.find("x")).toBeNull();
    const odd = { language: "en", answers: [{ id: 7 }, answer] };
    expect(await api(() => Response.json(odd)).api.find("x")).toEqual([answer]);
  });

  it("tells what came of it, and minds no failure", () => {
    const { api: answers, seen } = api(() => {
      throw new TypeError("offline");
    });
    answers.tell({ what: "asked", question: "refund", answer: "" });
    expect(JSON.parse(String(seen[0]?.init.body))).toEqual({
      site: "shop-key",
      what: "asked",
      question: "refund",
      answer: "",
      page: "https://shop.example/a b",
      language: "en-GB",
      visitor: "v".repeat(22),
    });
  });
});

it("speaks each language of the panel, and English where there is none", () => {
  const english = answersWords("en");
  for (const language of ["de", "es", "fr"]) {
    for (const [key, word] of Object.entries(answersWords(language))) {
      if (typeof word === "string" && key !== "no") expect(word).not.toBe(english[key as "yes"]);
    }
  }
  expect(answersWords("xx")).toBe(english);
});
