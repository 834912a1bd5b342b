/** The words of an invitation's buttons where the server, an older one, gives none. */

export const ENGLISH: Readonly<Record<string, string>> = {
  phone: "Call me",
  pc: "Talk now",
  chat: "Chat now",
  decline: "No, thanks",
};
