/** What the panel asks of the server's answers, and what it tells of them. */

import { fields, list, orNull, type Shape, text } from "@ringback/browser-leg/shapes";

/** Words in a row; with an `href` a link. */
export interface AnswerWords {
  readonly text: string;
  /** https://…, or a path of the shop; null: plain words. */
  readonly href: string | null;
}

export interface FoundAnswer {
  readonly id: string;
  readonly question: string;
  readonly paragraphs: readonly (readonly AnswerWords[])[];
}

/** What came of a question or an answer. */
export interface AnswerNews {
  readonly what: "asked" | "opened" | "helped" | "not_helped" | "contacted";
  /** As it was typed; empty: the answer was suggested. */
  readonly question: string;
  /** The name of the answer; empty: none. */
  readonly answer: string;
}

/** Where the page is, and whose it is. */
export interface AnswersPlace {
  /** The server, with a slash at its end. */
  readonly base: string;
  readonly site: string;
  page(): string;
  language(): string;
  visitor(): string;
}

/** Ms for an answer of the server: whoever wants to talk does not wait for it. */
const PATIENCE = 5000;

const readWords: Shape<AnswerWords> = fields({ text, href: orNull(text) });
const readAnswer: Shape<FoundAnswer> = fields({
  id: text,
  question: text,
  paragraphs: list(list(readWords)),
});
const readAnswers = fields({ language: text, answers: list(readAnswer) });

export class AnswersApi {
  constructor(
    private readonly place: AnswersPlace,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  ) {}

  /** What answers a question; with an empty one, what is suggested on this page. Null: the server did not say. */
  async find(question: string): Promise<readonly FoundAnswer[] | null> {
    const { base, site, page, language } = this.place;
    const asked = new URLSearchParams({ q: question.slice(0, 200), page: page(), language: language() });
    try {
      const answer = await this.fetch(`${base}v1/page/${encodeURIComponent(site)}/answers?${asked}`, {
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE),
      });
      return answer.ok ? (readAnswers(await answer.json())?.answers ?? null) : null;
    } catch {
      return null;
    }
  }

  /** Tell what came of it. Nobody waits for this, and a loss of it is no trouble of the shopper's. */
  tell({ what, question, answer }: AnswerNews): void {
    const { base, site, page, language, visitor } = this.place;
    const news = {
      site,
      what,
      question: question.slice(0, 200),
      answer,
      page: page(),
      language: language(),
      visitor: visitor(),
    };
    this.fetch(`${base}v1/page/answers/helped`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(news),
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    }).catch(() => {});
  }
}
