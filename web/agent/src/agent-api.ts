/** Log in, log out, who am I: the agents' side of the server's HTTP API. */

import type { LeadApi } from "@ringback/look/lead-list";
import type { LeadDetail, LeadList } from "@ringback/look/lead-messages";
import { ApiProblem, OwnApi } from "@ringback/look/own-api";
import { type AgentMe, readAgentMe } from "./messages";

export { ApiProblem } from "@ringback/look/own-api";

export class AgentApi extends OwnApi {
  get events(): string {
    return this.socket("v1/agent/events");
  }

  logIn(agent: string, password: string, code: string): Promise<AgentMe> {
    return this.askMe("POST", "v1/agent/login", { agent, password, ...(code ? { code } : {}) });
  }

  /** Who is logged in here; throws `not_logged_in` where nobody is. */
  me(): Promise<AgentMe> {
    return this.askMe("GET", "v1/agent/me");
  }

  async logOut(): Promise<void> {
    await this.send("POST", "v1/agent/logout");
  }

  /** The agent's leads, the most urgent first. */
  readonly leads: LeadApi = {
    list: (view, search, start) => {
      const query = new URLSearchParams({ view, search, start: start || "0" });
      return this.send("GET", `v1/agent/leads?${query.toString()}`) as Promise<LeadList>;
    },
    look: (id) => this.send("GET", `v1/agent/leads/${id}`) as Promise<LeadDetail>,
    act: (id, act, done) => this.send("POST", `v1/agent/leads/${id}/${act}`, done),
  };

  private async askMe(method: string, path: string, body?: object): Promise<AgentMe> {
    const me = readAgentMe(await this.send(method, path, body));
    if (me) return me;
    throw new ApiProblem("unreadable_answer", "The server gave an answer that this page cannot read.");
  }
}
