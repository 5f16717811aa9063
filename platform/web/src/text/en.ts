/**
 * The English catalogue: one file a page. What the shell says is there at once, the sentences of a
 * page come with the page.
 */
import { app } from "./en/app";
import type { board } from "./en/board";
import type { designer } from "./en/designer";
import type { developer } from "./en/developer";
import { fields } from "./en/fields";
import { filters } from "./en/filters";
import type { forms } from "./en/forms";
import { home } from "./en/home";
import type { imports } from "./en/imports";
import type { reports } from "./en/reports";
import type { settings } from "./en/settings";
import { shared } from "./en/shared";
import { signIn } from "./en/sign-in";
import type { table } from "./en/table";
import type { task } from "./en/task";
import type { views } from "./en/views";
import type { welcome } from "./en/welcome";

export const early = { ...app, ...fields, ...filters, ...home, ...shared, ...signIn };

export type En = typeof early &
  typeof board &
  typeof designer &
  typeof developer &
  typeof forms &
  typeof imports &
  typeof reports &
  typeof settings &
  typeof table &
  typeof task &
  typeof views &
  typeof welcome;
