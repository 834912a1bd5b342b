/** Written by `python -m api.reference` from api/portal/report_models.py: edit there. */

/** One value of what the whole is told apart by. */
export interface GroupView {
  /** Empty for what has none, such as calls that nobody took. */
  readonly value: string;
  readonly label: string;
  readonly metrics: Readonly<Record<string, number | null>>;
  /** In the period before; null where none is compared. */
  readonly before: Readonly<Record<string, number | null>> | null;
}

/** An hour of the week, by the clock on the wall. */
export interface HeatView {
  /** Monday is 0. */
  readonly weekday: number;
  readonly hour: number;
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** A report of two parts is counted from the calls or chats that are kept: counts have one part each. */
export interface KeptNote {
  /** Those before are not kept any more; null: all are. */
  readonly since: number | null;
  /** So many are counted at most. */
  readonly most: number;
}

/** What a metric is called, and what it means: shown beside the number. */
export interface MetricView {
  readonly id: string;
  readonly label: string;
  readonly definition: string;
  readonly unit: "count" | "share" | "seconds";
  /** Which is better; null where neither is. */
  readonly better: "more" | "less" | null;
}

/** Whole days in a time zone. */
export interface PeriodView {
  /** The first day, ISO 8601. */
  readonly first: string;
  /** The last day. */
  readonly last: string;
  readonly zone: string;
  /** Seconds since the epoch. */
  readonly begins: number;
  readonly ends: number;
}

/** One stretch of the period. */
export interface StepView {
  readonly begins: number;
  readonly ends: number;
  /** When it begins, ISO 8601 with the zone's offset. */
  readonly label: string;
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** A report. Sums over its parts are the whole; but queues share agents, whose time each of them has. */
export interface ReportView {
  readonly channel: "calls" | "chats" | "agents";
  readonly definitions: readonly MetricView[];
  readonly period: PeriodView;
  readonly total: Readonly<Record<string, number | null>>;
  /** The whole of the period before, if compared. */
  readonly before: Readonly<Record<string, number | null>> | null;
  readonly period_before: PeriodView | null;
  readonly every: "hour" | "day" | "week" | "month";
  readonly steps: readonly StepView[];
  readonly steps_before: readonly StepView[];
  /** Empty where it is not told apart. */
  readonly by: string;
  readonly groups: readonly GroupView[];
  readonly heat: readonly HeatView[];
  /** Null where counts tell it, which stay for ever. */
  readonly kept: KeptNote | null;
}

/** The most at once in one stretch; null where it is not known. */
export interface AtOnceStep {
  readonly begins: number;
  readonly ends: number;
  /** When it begins, ISO 8601 with the zone's offset. */
  readonly label: string;
  readonly most: number | null;
  /** When that was first reached, in seconds since the epoch. */
  readonly at: number | null;
  /** The same, ISO 8601 with the zone's offset. */
  readonly at_label: string | null;
}

/** The most calls or chats that were there at the same moment. */
export interface AtOnceView {
  readonly definition: MetricView;
  readonly period: PeriodView;
  readonly every: "hour" | "day" | "week" | "month";
  /** Of the whole period. */
  readonly total: AtOnceStep;
  readonly steps: readonly AtOnceStep[];
}

/** A value with what people call it. */
export interface NamedChoice {
  readonly value: string;
  readonly label: string;
}

/** What a report may be asked for. */
export interface ReportChoices {
  readonly sites: readonly NamedChoice[];
  readonly routes: readonly NamedChoice[];
  readonly queues: readonly NamedChoice[];
  readonly agents: readonly NamedChoice[];
  /** Of the sites' opening hours, and UTC. */
  readonly zones: readonly string[];
  readonly calls: readonly MetricView[];
  readonly chats: readonly MetricView[];
  readonly agent_time: readonly MetricView[];
}

/** A call or a chat in a list. */
export interface TalkView {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly site: string;
  readonly route: string;
  readonly queue: string;
  /** Who took it; empty for nobody. */
  readonly who: string;
  /** Its path. */
  readonly page: string;
  readonly rule: string;
  readonly outcome: string;
  /** Until a person accepted, in seconds. */
  readonly wait: number | null;
  /** How long the two sides talked, or the agent had the chat. */
  readonly length: number;
}

/** Some of them, the newest first. */
export interface TalkList {
  readonly talks: readonly TalkView[];
  readonly next: string | null;
}

/** What an agent did for a while. */
export interface AgentSpanView {
  readonly agent: string;
  readonly label: string;
  readonly state: string;
  /** Seconds since the epoch. */
  readonly begins: number;
  /** Null while it goes on. */
  readonly ends: number | null;
}

/** Some of them, the newest first. */
export interface AgentSpanList {
  readonly spans: readonly AgentSpanView[];
  readonly next: string | null;
}

/** One thing that happened around a call or chat. */
export interface StoryEvent {
  readonly at: number;
  readonly kind: "page" | "offer" | "chat" | "chat_accepted" | "chat_answered" | "chat_ended" | "call" | "shopper_dialled" | "shopper_answered" | "dialled" | "answered" | "joined" | "leg_ended" | "call_ended" | "wrap_up" | "message" | "callback" | "order" | "lead" | "contact" | "promise" | "breach" | "answer" | "lead_closed" | "view" | "recording";
  /** In words, without phone numbers. */
  readonly text: string;
  /** Another call or chat, as calls/ID or chats/ID. */
  readonly talk: string | null;
  /** A recording, where this is one; heard at /v1/portal/recordings/ID/audio. */
  readonly recording: string | null;
}

/** All around one call or chat, in its order. */
export interface TalkStoryView {
  readonly talk: TalkView;
  /** Masked; empty where there is none. */
  readonly number: string;
  readonly events: readonly StoryEvent[];
}
