/** What a shopper asks before contact, from the first letter to the last answer: what is told of it, each thing once. */

import type { AnswerNews } from "./answers-api";

export class Asking {
  private question = "";
  /** What stood long enough to be a question, and what was told of answers. */
  private readonly told = new Set<string>();
  private opened = "";

  constructor(private readonly tell: (news: AnswerNews) => void) {}

  /** The field has this text now. */
  type(question: string): void {
    this.question = question.trim();
  }

  /** It stands: the shopper has paused, or done something with it. */
  settle(): void {
    if (this.question !== "") this.once("asked", this.question, "");
  }

  /** An answer is read: found, or suggested where nothing was typed. */
  open(answer: string): void {
    this.settle();
    this.opened = answer;
    this.once("opened", this.question, answer);
  }

  /** What the shopper says of it. The last word counts, but each word is told once. */
  helped(answer: string, helped: boolean): void {
    this.once(helped ? "helped" : "not_helped", this.question, answer);
  }

  /** They go on to get in contact. Whoever asked nothing and read nothing only wanted to talk. */
  goOn(): void {
    this.settle();
    if (this.question !== "" || this.opened !== "") this.once("contacted", this.question, this.opened);
  }

  private once(what: AnswerNews["what"], question: string, answer: string): void {
    const key = `${what} ${answer} ${question.toLowerCase()}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.tell({ what, question, answer });
  }
}
