import { DISPOSITION, HANGUP_CAUSE } from "@ringback/browser-leg";
import { describe, expect, it } from "vitest";
import { advance, CALL_STATE, INITIAL_VIEW, type CallView } from "../../call-client/src";
import { line } from "../../call-client/tests/lines";
import { en as chatInEnglish, type ChatWords } from "../src/chat/chat-words";
import { de as chatInGerman } from "../src/chat/languages/de";
import { es as chatInSpanish } from "../src/chat/languages/es";
import { fr as chatInFrench } from "../src/chat/languages/fr";
import { de } from "../src/languages/de";
import { en } from "../src/languages/en";
import { es } from "../src/languages/es";
import { fr } from "../src/languages/fr";
import { de as viewsInGerman } from "../src/shared-view/languages/de";
import { es as viewsInSpanish } from "../src/shared-view/languages/es";
import { fr as viewsInFrench } from "../src/shared-view/languages/fr";
import { en as viewsInEnglish, type ViewWords } from "../src/shared-view/view-words";
import { statusWords } from "../src/status-words";
import { chooseLanguage, fetchWords, LANGUAGES } from "../src/words";

const ALL = [en, de, es, fr];
const VIEWS: ViewWords[] = [viewsInEnglish, viewsInGerman, viewsInSpanish, viewsInFrench];
const CHATS = [chatInEnglish, chatInGerman, chatInSpanish, chatInFrench];

/** Every text of a table, and what its functions make of examples. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "function") return [String(value("7", 2, 3))];
  return Object.values(value as object).flatMap(texts);
}

describe.each(ALL)("the words of $language", (words) => {
  it("are none of them empty", () => {
    expect(texts(words).filter((text) => text.trim() === "")).toEqual([]);
  });

  it("tell every state, disposition and cause, a newer server's too", () => {
    const say = (view: CallView, by: "phone" | "pc"): string => statusWords(view, 0, by, words);
    for (const state of [...CALL_STATE, "unknown"] as const) {
      expect(say(advance(INITIAL_VIEW, line(1, { state })), "phone")).toMatch(/\w/);
    }
    for (const disposition of [...DISPOSITION, "unknown"] as const) {
      const of = (cause: (typeof HANGUP_CAUSE)[number] | "unknown" | null, by: "phone" | "pc") =>
        say(advance(INITIAL_VIEW, line(1, { state: "ended", disposition, cause })), by);
      expect(of("unknown", "phone")).toBe(of(null, "phone"));
      for (const cause of HANGUP_CAUSE)
        for (const by of ["phone", "pc"] as const) expect(of(cause, by)).toMatch(/\w/);
    }
  });

  it("name what is pushed, and who is talked to", () => {
    expect(words.push.asks("Kim")).toContain("Kim");
    expect(words.connected("Kim")).toContain("Kim");
    expect(words.tryingOf("Kim", 2, 3)).toMatch(/Kim.*2.*3/);
  });
});

describe("other languages", () => {
  it("are not English", () => {
    for (const words of [de, es, fr]) {
      const same = texts(words).filter((text) => texts(en).includes(text));
      // Names of things that both have.
      expect(same.length).toBeLessThan(6);
    }
  });

  it("come as files, and English is there where none comes", async () => {
    for (const language of LANGUAGES) expect((await fetchWords(language)).language).toBe(language);
    expect(await fetchWords("tlh")).toBe(en);
  });
});

describe("chooseLanguage", () => {
  it.each([
    [["en", "de"], ["de-AT", "en"], "de"],
    [["en", "es"], ["ar", "es-MX"], "es"],
    [["fr", "de"], ["pt"], "fr"],
    [["sv", "de"], ["sv"], "de"],
    [["sv"], ["sv", "fr"], "fr"],
    [[], ["es"], "es"],
    [[], ["pt"], "en"],
  ] as const)("of a site with %j, for a page and a browser with %j: %s", (site, wishes, chosen) => {
    expect(chooseLanguage(site, wishes)).toBe(chosen);
  });
});

describe.each(CHATS)("the chat's words: $send", (words: ChatWords) => {
  it("are none of them empty, and tell the same events and problems as in English", () => {
    expect(texts(words).filter((text) => text.trim() === "")).toEqual([]);
    expect(Object.keys(words.events)).toEqual(Object.keys(chatInEnglish.events));
    expect(Object.keys(words.problems)).toEqual(Object.keys(chatInEnglish.problems));
  });
});

describe.each(VIEWS)("what is said of shared views: $region", (words) => {
  it("is never empty, and tells the same reasons and ends as in English", () => {
    expect(texts(words).filter((text) => text.trim() === "")).toEqual([]);
    expect(Object.keys(words.refusals)).toEqual(Object.keys(viewsInEnglish.refusals));
    expect(Object.keys(words.ended)).toEqual(Object.keys(viewsInEnglish.ended));
    for (const said of Object.values(words.done)) expect(said("Kim", "ZIP")).toMatch(/Kim.*ZIP|ZIP.*Kim/);
  });
});
