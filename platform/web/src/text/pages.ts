/** Which catalogues a page needs before it is shown. */
import type { Catalogue } from ".";

type Load = () => Promise<Catalogue>;

export const CATALOGUES = {
  board: async () => (await import("./en/board")).board,
  designer: async () => (await import("./en/designer")).designer,
  developer: async () => (await import("./en/developer")).developer,
  imports: async () => (await import("./en/imports")).imports,
  reports: async () => (await import("./en/reports")).reports,
  settings: async () => (await import("./en/settings")).settings,
  table: async () => (await import("./en/table")).table,
  task: async () => (await import("./en/task")).task,
  views: async () => (await import("./en/views")).views,
  welcome: async () => (await import("./en/welcome")).welcome,
} satisfies Record<string, Load>;

export type CatalogueName = keyof typeof CATALOGUES;
