/** Name and password. */

import { LoginCard, type LoginStanding, type LoginWords } from "@ringback/look/login-card";
import { customElement, property } from "lit/decorators.js";
import type { Desk } from "./desk";
import { headsetIcon } from "./icons";
import { remembered } from "./settings";
import { loginWords } from "./words";

@customElement("login-form")
export class LoginForm extends LoginCard {
  @property({ attribute: false }) desk!: Desk;
  /** Redraws with every change of the desk. */
  @property({ attribute: false }) tick: unknown;

  protected readonly words: LoginWords = {
    picture: headsetIcon,
    heading: "Log in to take calls",
    hint: "Calls ring in this browser. There is nothing to install.",
    name: "Agent",
    nameMissing: "Please give your agent name.",
    problem: loginWords,
  };

  protected get standing(): LoginStanding {
    return this.desk;
  }

  protected get remembered(): string {
    return remembered("agent");
  }

  protected logIn(name: string, password: string, code: string): void {
    void this.desk.logIn(name, password, code);
  }
}
