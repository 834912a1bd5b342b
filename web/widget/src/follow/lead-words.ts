/** What the panel's own form says. The words come with it: a shop without it loads none of this. */

export interface LeadFormWords {
  readonly title: string;
  readonly name: string;
  readonly email: string;
  readonly said: string;
  readonly when: string;
  readonly soon: string;
  /** How long after the chosen time we call at the latest. */
  within(minutes: number): string;
  /** `place` is where the shop is. */
  byYourClock(place: string): string;
  readonly send: string;
  readonly needed: string;
  readonly numberForTime: string;
  readonly emailWrong: string;
  readonly thanks: string;
  readonly weAnswer: string;
  weCall(when: string): string;
  /** Around a link. */
  readonly keep: readonly [before: string, link: string, after: string];
  readonly problems: Readonly<Record<string, string>>;
}

const en: LeadFormWords = {
  title: "Leave a message",
  name: "Your name",
  email: "Your e-mail address",
  said: "Your question",
  when: "When shall we call?",
  soon: "As soon as you can",
  within: (minutes) => `We call within ${minutes} minutes from then on.`,
  byYourClock: (place) => `By your own clock; in brackets by that of ${place}, where we are.`,
  send: "Send",
  needed: "Please give a phone number or an e-mail address: else we cannot answer.",
  numberForTime: "Please give the phone number that we should call then.",
  emailWrong: "That does not look like an e-mail address. Please check it.",
  thanks: "Thank you",
  weAnswer: "We have your message and will answer you.",
  weCall: (when) => `We will call you: ${when}.`,
  keep: ["Keep", "this link", "to choose another time, or none."],
  problems: {
    time_gone: "This time has just been taken. Please choose another one.",
    limit_leads: "Many messages were sent from here. Please try again later.",
    limit_site_leads: "We get very many messages just now. Please try again later.",
    lead_forms_off: "Messages cannot be left here any more.",
    unreachable: "The server cannot be reached. Check your connection and try again.",
  },
};

const de: LeadFormWords = {
  title: "Nachricht hinterlassen",
  name: "Ihr Name",
  email: "Ihre E-Mail-Adresse",
  said: "Ihre Frage",
  when: "Wann sollen wir anrufen?",
  soon: "So bald wie möglich",
  within: (minutes) => `Wir rufen innerhalb von ${minutes} Minuten danach an.`,
  byYourClock: (place) => `Nach Ihrer Uhr; in Klammern nach der von ${place}, wo wir sind.`,
  send: "Senden",
  needed: "Bitte geben Sie eine Telefonnummer oder E-Mail-Adresse an, sonst können wir nicht antworten.",
  numberForTime: "Bitte geben Sie die Nummer an, die wir dann anrufen sollen.",
  emailWrong: "Das sieht nicht wie eine E-Mail-Adresse aus. Bitte prüfen Sie sie.",
  thanks: "Vielen Dank",
  weAnswer: "Wir haben Ihre Nachricht und antworten Ihnen.",
  weCall: (when) => `Wir rufen Sie an: ${when}.`,
  keep: ["Mit", "diesem Link", "können Sie eine andere Zeit wählen oder absagen."],
  problems: {
    time_gone: "Diese Zeit ist gerade vergeben worden. Bitte wählen Sie eine andere.",
    limit_leads: "Von hier kamen viele Nachrichten. Bitte versuchen Sie es später noch einmal.",
    limit_site_leads:
      "Wir bekommen gerade sehr viele Nachrichten. Bitte versuchen Sie es später noch einmal.",
    lead_forms_off: "Hier kann keine Nachricht mehr hinterlassen werden.",
    unreachable:
      "Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
  },
};

const es: LeadFormWords = {
  title: "Dejar un mensaje",
  name: "Su nombre",
  email: "Su correo electrónico",
  said: "Su pregunta",
  when: "¿Cuándo le llamamos?",
  soon: "Lo antes posible",
  within: (minutes) => `Llamamos en los ${minutes} minutos siguientes.`,
  byYourClock: (place) => `Según su reloj; entre paréntesis, según el de ${place}, donde estamos.`,
  send: "Enviar",
  needed: "Indique un número de teléfono o un correo electrónico; si no, no podemos responderle.",
  numberForTime: "Indique el número al que debemos llamar entonces.",
  emailWrong: "No parece un correo electrónico. Compruébelo, por favor.",
  thanks: "Gracias",
  weAnswer: "Tenemos su mensaje y le responderemos.",
  weCall: (when) => `Le llamaremos: ${when}.`,
  keep: ["Guarde", "este enlace", "para elegir otra hora o anular la llamada."],
  problems: {
    time_gone: "Esa hora acaba de ocuparse. Elija otra, por favor.",
    limit_leads: "Se han enviado muchos mensajes desde aquí. Inténtelo más tarde.",
    limit_site_leads: "Recibimos muchos mensajes ahora mismo. Inténtelo más tarde.",
    lead_forms_off: "Aquí ya no se pueden dejar mensajes.",
    unreachable: "No se puede acceder al servidor. Compruebe su conexión e inténtelo de nuevo.",
  },
};

const fr: LeadFormWords = {
  title: "Laisser un message",
  name: "Votre nom",
  email: "Votre adresse e-mail",
  said: "Votre question",
  when: "Quand faut-il vous appeler ?",
  soon: "Dès que possible",
  within: (minutes) => `Nous appelons dans les ${minutes} minutes qui suivent.`,
  byYourClock: (place) => `À votre heure ; entre parenthèses, à celle de ${place}, où nous sommes.`,
  send: "Envoyer",
  needed: "Indiquez un numéro de téléphone ou une adresse e-mail : sinon nous ne pouvons pas répondre.",
  numberForTime: "Indiquez le numéro que nous devrons appeler.",
  emailWrong: "Cela ne ressemble pas à une adresse e-mail. Vérifiez-la, s’il vous plaît.",
  thanks: "Merci",
  weAnswer: "Nous avons votre message et vous répondrons.",
  weCall: (when) => `Nous vous appellerons : ${when}.`,
  keep: ["Gardez", "ce lien", "pour choisir une autre heure ou annuler."],
  problems: {
    time_gone: "Cette heure vient d’être prise. Choisissez-en une autre.",
    limit_leads: "Beaucoup de messages sont venus d’ici. Réessayez plus tard.",
    limit_site_leads: "Nous recevons beaucoup de messages en ce moment. Réessayez plus tard.",
    lead_forms_off: "On ne peut plus laisser de message ici.",
    unreachable: "Le serveur est injoignable. Vérifiez votre connexion et réessayez.",
  },
};

const LANGUAGES: Readonly<Record<string, LeadFormWords>> = { en, de, es, fr };

/** The words of a language that the panel speaks. */
export const leadFormWords = (language: string): LeadFormWords => LANGUAGES[language] ?? en;
