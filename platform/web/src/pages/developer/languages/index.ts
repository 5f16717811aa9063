/** The languages that samples are written in. */
import type { Access, Call, Upload } from "../call";
import { javascript } from "./javascript";
import { powershell } from "./powershell";
import { python } from "./python";
import { shell } from "./shell";

export interface Language {
  id: "shell" | "python" | "javascript" | "powershell";
  /** A proper name, which no language translates. */
  name: string;
  write: (call: Call, access: Access, upload?: Upload) => string;
}

export const LANGUAGES: readonly Language[] = [
  { id: "shell", name: "cURL", write: shell },
  { id: "python", name: "Python", write: python },
  { id: "javascript", name: "JavaScript", write: javascript },
  { id: "powershell", name: "PowerShell", write: powershell },
];
