/** What any page may open. */
import { Store } from "@/api/store";

export const paletteShown = new Store(false);
export const cheatSheetShown = new Store(false);

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);
/** What the modifier of shortcuts is called here. */
export const MOD = APPLE ? "⌘" : "Ctrl";
