import type { Words } from "../words";

export const de: Words = {
  language: "de",

  close: "Schließen",
  talk: {
    phone: { computer: "Per Telefon sprechen", handheld: "Per Telefon sprechen" },
    pc: { computer: "Am Computer sprechen", handheld: "Im Browser sprechen" },
  },
  ways: {
    phone: { computer: "Per Telefon", handheld: "Rückruf" },
    pc: { computer: "Am Computer", handheld: "Im Browser" },
  },
  chat: { title: "Mit uns chatten", way: "Chat", back: "Zurück zum Chat" },
  chatLost: "Der Chat lädt nicht. Bitte versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.",
  unread: (count) => (count === 1 ? "1 neue Nachricht" : `${count} neue Nachrichten`),
  how: "Wie möchten Sie sprechen?",
  lead: {
    phone: "Wir rufen Sie an und verbinden Sie mit jemandem, der weiterhilft. Es kostet Sie nichts.",
    pc: {
      computer: "Sprechen Sie gleich hier, über das Mikrofon dieses Computers. Ohne Installation, kostenlos.",
      handheld: "Sprechen Sie gleich hier, über das Mikrofon dieses Telefons. Ohne Installation, kostenlos.",
    },
  },
  country: "Land",
  number: "Ihre Telefonnummer",
  optional: "(freiwillig)",
  numberWhy: "Falls die Verbindung abbricht, oder für einen Rückruf.",
  numberMissing: "Bitte geben Sie die Telefonnummer an, die wir anrufen sollen.",
  numberPart: "Die Telefonnummer ist noch nicht vollständig.",
  willCall: "Wir rufen an:",
  yourNumber: "Ihre Nummer:",
  callMe: "Jetzt anrufen lassen",
  callNow: "Jetzt anrufen",
  callBack: "Rückruf anfordern",
  leaveMessage: "Nachricht hinterlassen",
  write: "Lieber schreiben",
  checkMicrophone: "Mikrofon prüfen",
  moment: "Einen Moment…",
  again: "Noch einmal anrufen",
  share: "Diese Seite am Telefon teilen",
  byPhone: "Lieber per Telefon sprechen",
  nothing: "Im Moment ist hier niemand zu erreichen. Bitte versuchen Sie es später wieder.",

  later: {
    callback: (when) =>
      when
        ? `Gerade ist niemand frei. Wir können Sie zurückrufen: ${when}.`
        : "Gerade ist niemand frei. Wir können Sie zurückrufen.",
    message: (when) =>
      `Gerade ist niemand frei.${when && ` Wir sind wieder da: ${when}.`} Sie können eine Nachricht hinterlassen, und wir melden uns.`,
    nothing: (when) =>
      when ? `Wir haben geschlossen. Wieder da: ${when}.` : "Wir haben gerade geschlossen.",
  },
  untrue: {
    agents: "Gerade eben sind alle ins Gespräch gekommen.",
    hours: "Wir haben gerade geschlossen.",
    queue: "Gerade warten viele Menschen.",
    gone: "Dieses Angebot ist vorbei.",
  },

  check: {
    title: "Mikrofon und Ton",
    intro:
      "Wir prüfen Ihr Mikrofon vor dem Anruf. Ihr Browser fragt, ob diese Seite es benutzen darf: bitte erlauben Sie es.",
    asking: "Ihr Browser fragt, ob diese Seite Ihr Mikrofon benutzen darf. Bitte erlauben Sie es.",
    level: "Pegel Ihres Mikrofons",
    waiting: "Sagen Sie etwas: Der Balken sollte sich bewegen.",
    speech: "Wir hören Sie.",
    silence: "Wir hören noch nichts. Ist Ihr Mikrofon stummgeschaltet?",
    play: "Testton abspielen",
    untested: "Drei Töne, die Sie hören sollten.",
    playing: "Der Testton läuft…",
    played: "Nichts gehört? Drehen Sie lauter, oder schließen Sie Ihr Headset an.",
  },
  microphone: {
    label: "Mikrofon",
    none: "keines",
    choose: "Bitte wählen",
    another: "ein anderes",
    switched: "Ihr Mikrofon wurde getrennt. Sie benutzen jetzt",
  },
  soundOn: "Ton einschalten",
  tryAgain: "Noch einmal versuchen",
  tryingAgain: "Wird versucht…",
  troubles: {
    no_microphone: [
      "Kein Mikrofon gefunden.",
      "Schließen Sie ein Headset oder ein Mikrofon an, und versuchen Sie es noch einmal.",
    ],
    permission_refused: [
      "Diese Seite darf Ihr Mikrofon nicht benutzen.",
      "Erlauben Sie das Mikrofon über das Symbol links neben der Adresse, und versuchen Sie es noch einmal. Wenn es dort schon erlaubt ist, prüfen Sie die Datenschutz-Einstellungen Ihres Computers.",
    ],
    insecure_page: [
      "Browser erlauben Mikrofone nur auf sicheren Seiten.",
      "Öffnen Sie diese Seite über eine Adresse, die mit https:// beginnt.",
    ],
    microphone_busy: [
      "Ihr Mikrofon startet nicht.",
      "Schließen Sie andere Programme, die es vielleicht benutzen, oder stecken Sie es neu ein, und versuchen Sie es noch einmal.",
    ],
    microphone_lost: [
      "Ihr Mikrofon wurde getrennt: Niemand kann Sie hören.",
      "Stecken Sie es wieder ein, oder ein anderes. Diese Seite benutzt es sofort.",
    ],
    microphone_muted: [
      "Ihr Mikrofon ist stumm: Niemand kann Sie hören.",
      "Schalten Sie es ein (am Kabel, an der Taste, oder in den Einstellungen Ihres Computers), beenden Sie andere Anrufe auf diesem Gerät, oder wählen Sie ein anderes.",
    ],
    no_path: [
      "Ihr Netz lässt den Ton nicht durch.",
      "Versuchen Sie ein anderes Netz, oder schalten Sie Ihr VPN aus. Bei der Arbeit: Bitten Sie Ihre IT, UDP oder den TURN-Server zu erlauben.",
    ],
    sound_blocked: [
      "Ihr Browser hat den Ton blockiert.",
      "Drücken Sie den Knopf, um die andere Seite zu hören.",
    ],
    unsupported: [
      "Mit diesem Browser kann man nicht anrufen.",
      "Nehmen Sie einen aktuellen Firefox, Chrome, Edge oder Safari, und erlauben Sie WebRTC in Einstellungen und Erweiterungen.",
    ],
    not_taken: [
      "Der Server hat die Verbindung dieser Seite nicht angenommen.",
      "Laden Sie die Seite neu, um Ihren Anruf fortzusetzen.",
    ],
  },

  you: "Sie",
  ends: {
    ringing: "klingelt…",
    connecting: "wird verbunden…",
    there: "am Telefon",
    over: "aufgelegt",
    busy: "alle im Gespräch",
    message: "nimmt Ihre Nachricht auf",
    callback: "ruft zurück",
    cannot: "kann nicht abnehmen",
    has_message: "hat Ihre Nachricht",
  },
  talkTime: (clock) => `Gesprächszeit ${clock}`,
  sinceClick: (clock) => `${clock} seit Ihrem Klick`,
  soFar: "Der Anruf bis jetzt",
  hangUp: "Auflegen",
  hangingUp: "Wird aufgelegt…",
  elsewhere: "Dieser Anruf läuft in einem anderen Tab.",
  lost: "Die Verbindung ging verloren und wird neu aufgebaut: Ihr Anruf läuft weiter.",
  controls: "Anruf steuern",
  mute: "Stumm",
  muted: "Sie sind stummgeschaltet: Niemand kann Sie hören.",
  keypad: "Tasten",
  keys: { label: "Tasten", hint: "Hier drücken oder tippen", star: "Stern", hash: "Raute" },
  volume: "Lautstärke",
  quality: {
    good: "Gute Verbindung",
    fair: "Mittlere Verbindung",
    poor: "Schlechte Verbindung: einzelne Wörter können fehlen",
    unknown: "Die Verbindung wird geprüft…",
    cut: "Der Ton ist unterbrochen. Er wird neu verbunden, Ihr Anruf läuft weiter…",
  },
  cancelCallback: "Rückruf absagen",
  cancelling: "Wird abgesagt…",
  keepLink: ["Mit", "diesem Link", "können Sie Ihren Rückruf später ansehen oder absagen."],

  push: {
    asks: (who) => `${who} möchte Ihnen eine Seite zeigen`,
    goesOn: "Ihr Anruf läuft weiter, und Sie können hierher zurückkehren.",
    open: "Seite öffnen",
    stay: "Nein, hier bleiben",
    shown: "Diese Seite wurde Ihnen in Ihrem Anruf gezeigt.",
    region: "Ihnen gezeigt",
    back: "Zurück zur Seite davor",
    here: "Hier bleiben",
  },

  store: "Der Laden",
  named: (label) => label,
  getting: "Ihr Anruf wird vorbereitet…",
  rejoining: "Zurück zu Ihrem Anruf…",
  connectingMicrophone: "Ihr Mikrofon wird verbunden…",
  phoneRings: "Ihr Telefon klingelt. Bitte nehmen Sie ab.",
  calling: "Wir rufen Sie an…",
  onTheLine: { phone: "Sie haben abgenommen.", pc: "Sie sind verbunden." },
  greeting: "Zuerst eine kurze Begrüßung…",
  finding: "Wir suchen jemanden für Sie…",
  ringing: (who) => `Es klingelt: ${who}…`,
  trying: (who) => `Wir versuchen: ${who}…`,
  tryingOf: (who, attempt, attempts) => `Wir versuchen: ${who} (${attempt} von ${attempts})…`,
  inLine: "Alle sind im Gespräch. Sie sind in der Warteschlange",
  next: "Sie sind als Nächstes an der Reihe",
  place: (position) => `Sie sind Nummer ${position} in der Warteschlange`,
  wait: (minutes) =>
    minutes < 1 ? "weniger als eine Minute" : minutes === 1 ? "etwa 1 Minute" : `etwa ${minutes} Minuten`,
  message:
    "Gerade kann niemand abnehmen. Bitte sprechen Sie nach dem Ton Ihre Nachricht, und legen Sie dann auf.",
  findingTime: "Wir suchen eine Zeit für Ihren Rückruf…",
  willCallBack: "Wir rufen Sie zurück.",
  willCallBackAt: (when) => `Wir rufen Sie zurück: ${when}.`,
  apology: "Gerade kann niemand abnehmen. Bitte versuchen Sie es später wieder.",
  connected: (who) => `Verbunden: ${who}.`,
  held: (who) => `${who} hat Sie in die Warteschleife gelegt.`,
  ended: (why) => `Beendet: ${why}`,
  overWith: (who) => `Ihr Gespräch ist vorbei (${who}).`,
  messageTaken: "Ihre Nachricht ist angekommen.",
  endings: {
    bridged: "Der Anruf ist vorbei.",
    message_taken: "Ihre Nachricht ist angekommen.",
    callback_booked: "Wir rufen Sie zurück.",
    unanswered: "Gerade konnte niemand abnehmen.",
    shopper_unreachable: "Wir konnten Ihr Telefon nicht erreichen.",
    refused: "Dieser Anruf ist nicht möglich.",
    cancelled: "Sie haben aufgelegt, bevor jemand abnahm.",
    failed: "Bei uns ging etwas schief. Bitte versuchen Sie es noch einmal.",
    unknown: "Der Anruf ist vorbei.",
  },
  causes: {
    bridged: {
      cancelled: "Sie haben aufgelegt.",
      time_limit: "Der Anruf hat seine längste Dauer erreicht.",
      media_timeout: "Die Leitung war tot.",
      worker_lost: "Die Leitung brach bei uns ab. Bitte versuchen Sie es noch einmal.",
    },
    shopper_unreachable: {
      ring_timeout: "Sie haben nicht abgenommen.",
      no_answer: "Sie haben nicht abgenommen.",
      busy: "Ihr Telefon ist besetzt.",
      declined: "Sie haben den Anruf abgelehnt.",
      not_found: "Diese Nummer gibt es nicht.",
      unreachable: "Ihr Telefon war nicht zu erreichen.",
    },
    failed: {
      congestion: "Alle Leitungen sind belegt. Bitte versuchen Sie es in einer Minute wieder.",
      worker_lost: "Die Leitung brach bei uns ab. Bitte versuchen Sie es noch einmal.",
    },
  },
  unreachableByPc: {
    media_timeout: "Ihre Verbindung ging verloren.",
    declined: "Ihr Browser konnte den Anruf nicht annehmen.",
  },
  notConnected: "Ihr Browser ließ sich nicht verbinden.",
  callbacks: {
    dialling: "Wir rufen Sie gerade zurück.",
    done: "Wir haben Sie zurückgerufen.",
    cancelled: "Ihr Rückruf ist abgesagt. Wir rufen Sie nicht an.",
    given_up: "Wir wollten Sie zurückrufen, konnten Sie aber nicht erreichen.",
    unknown: "Ihr Rückruf hat sich geändert. Seine Seite zeigt, wie es um ihn steht.",
  },
  problems: {
    number_invalid: "Das sieht nicht nach einer Telefonnummer dieses Landes aus. Bitte prüfen Sie sie.",
    number_short:
      "Notruf- und Kurznummern können wir nicht zurückrufen. Bitte geben Sie Ihre eigene Nummer an.",
    number_type_refused:
      "Nummern dieser Art können wir nicht zurückrufen. Bitte geben Sie eine Handy- oder Festnetznummer an.",
    country_refused: "Nummern dieses Landes können wir nicht anrufen.",
    limit_number: "Für diese Nummer gab es schon mehrere Anrufe. Bitte versuchen Sie es später wieder.",
    out_of_capacity: "Alle Leitungen sind belegt. Bitte versuchen Sie es in einer Minute wieder.",
    proof:
      "Ihr Browser konnte die Sicherheitsprüfung nicht beenden. Bitte versuchen Sie es noch einmal, oder laden Sie die Seite neu.",
    limit: "Es wurden zu viele Anrufe angefordert. Bitte versuchen Sie es später noch einmal.",
    draining: "Der Telefondienst startet neu. Bitte versuchen Sie es in einer Minute wieder.",
    call_unknown: "Dieser Anruf ist vorbei.",
    server_unreachable:
      "Der Telefondienst ist nicht erreichbar. Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal.",
  },
  problem: "Das hat nicht geklappt. Bitte versuchen Sie es in einer Minute wieder.",

  times: {
    soon: "gleich",
    minutes: (minutes) => `in etwa ${minutes} Minuten`,
    near: (day, clock) => `${day} um ${clock} Uhr`,
    on: (day, clock) => `am ${day} um ${clock} Uhr`,
  },
};
