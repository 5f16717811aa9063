/** The programs whose exports the server knows, by the names it gives them. */
export const SOURCES = ["trello", "jira", "asana", "github", "airtable"] as const;
export type Source = (typeof SOURCES)[number];

/** What they are called; names are the same in every language. */
export const SOURCE_NAMES: Readonly<Record<Source, string>> = {
  trello: "Trello",
  jira: "Jira",
  asana: "Asana",
  github: "GitHub",
  airtable: "Airtable",
};

/** A file that no program's export is seen in. */
export const PLAIN = "plain";

export function isSource(name: string | null | undefined): name is Source {
  return SOURCES.some((source) => source === name);
}
