export type * from "./bff.js";
export { createClient } from "./client.js";
export type { Answer, BffClient, CallOptions, ClientOptions } from "./client.js";
export { applyUpdate } from "./dashboard.js";
export type {
  DashboardEvent,
  DashboardQuestion,
  LiveDashboard,
  ReconnectingEvent,
} from "./dashboard.js";
export { BffError, fieldErrors, NoAnswerError, ProblemError } from "./problem.js";
export type { Code } from "./problem.js";
