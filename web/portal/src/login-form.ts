/** Name and password of an operator. */

import { shieldIcon } from "@ringback/look/icons";
import { LoginCard, type LoginStanding, type LoginWords, loginProblemWords } from "@ringback/look/login-card";
import { customElement, property } from "lit/decorators.js";
import { remembered } from "./remembered";

const WORDS: LoginWords = {
  picture: shieldIcon,
  heading: "Log in to the portal",
  hint: "Reports, the wallboard and the settings of your sites.",
  name: "Operator",
  nameMissing: "Please give your operator name.",
  problem: (problem) =>
    loginProblemWords(
      problem,
      "That is not an operator’s name. Names have lower-case letters, digits, - and _ only.",
    ),
};

/** Fires `login` with what was typed. */
@customElement("portal-login")
export class PortalLogin extends LoginCard {
  @property({ attribute: false }) standing: LoginStanding = { busy: false, notice: "", problem: null };

  protected readonly words = WORDS;

  protected get remembered(): string {
    return remembered("operator");
  }

  protected logIn(name: string, password: string, code: string): void {
    this.dispatchEvent(new CustomEvent("login", { detail: { name, password, code } }));
  }
}

export interface LoginTyped {
  readonly name: string;
  readonly password: string;
  readonly code: string;
}
