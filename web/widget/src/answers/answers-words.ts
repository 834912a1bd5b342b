/** What the answers' pane says. They come with the pane: a shop without answers loads none of this. */

export interface AnswersWords {
  readonly question: string;
  readonly suggested: string;
  readonly found: (count: number) => string;
  readonly none: string;
  readonly unreachable: string;
  readonly helped: string;
  readonly yes: string;
  readonly no: string;
  readonly thanks: string;
  readonly sorry: string;
  readonly newTab: string;
  /** The way on to a call or a chat. */
  readonly goOn: string;
}

const en: AnswersWords = {
  question: "What is your question?",
  suggested: "People often ask here",
  found: (count) => (count === 1 ? "1 answer" : `${count} answers`),
  none: "We have no answer to that here. Talk to us.",
  unreachable: "The answers cannot be reached now. Talk to us.",
  helped: "Did it help?",
  yes: "Yes",
  no: "No",
  thanks: "Good to hear.",
  sorry: "Then talk to us.",
  newTab: "opens in a new tab",
  goOn: "Talk to somebody",
};

const de: AnswersWords = {
  question: "Was möchten Sie wissen?",
  suggested: "Das wird hier oft gefragt",
  found: (count) => (count === 1 ? "1 Antwort" : `${count} Antworten`),
  none: "Darauf haben wir hier keine Antwort. Sprechen Sie mit uns.",
  unreachable: "Die Antworten sind gerade nicht erreichbar. Sprechen Sie mit uns.",
  helped: "Hat das geholfen?",
  yes: "Ja",
  no: "Nein",
  thanks: "Das freut uns.",
  sorry: "Dann sprechen Sie mit uns.",
  newTab: "öffnet einen neuen Tab",
  goOn: "Mit jemandem sprechen",
};

const es: AnswersWords = {
  question: "¿Qué quiere saber?",
  suggested: "Aquí se pregunta a menudo",
  found: (count) => (count === 1 ? "1 respuesta" : `${count} respuestas`),
  none: "Aquí no tenemos respuesta a eso. Hable con nosotros.",
  unreachable: "Ahora no se puede acceder a las respuestas. Hable con nosotros.",
  helped: "¿Le ha ayudado?",
  yes: "Sí",
  no: "No",
  thanks: "Nos alegramos.",
  sorry: "Entonces, hable con nosotros.",
  newTab: "se abre en una pestaña nueva",
  goOn: "Hablar con alguien",
};

const fr: AnswersWords = {
  question: "Quelle est votre question ?",
  suggested: "Questions fréquentes ici",
  found: (count) => (count === 1 ? "1 réponse" : `${count} réponses`),
  none: "Nous n’avons pas de réponse à cela ici. Parlez-nous.",
  unreachable: "Les réponses sont indisponibles pour le moment. Parlez-nous.",
  helped: "Cela vous a-t-il aidé ?",
  yes: "Oui",
  no: "Non",
  thanks: "Nous en sommes ravis.",
  sorry: "Alors, parlez-nous.",
  newTab: "s’ouvre dans un nouvel onglet",
  goOn: "Parler à quelqu’un",
};

const LANGUAGES: Readonly<Record<string, AnswersWords>> = { en, de, es, fr };

/** The words of a language that the panel speaks. */
export const answersWords = (language: string): AnswersWords => LANGUAGES[language] ?? en;
