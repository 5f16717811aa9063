import { setNonce } from "get-nonce";

/** What the policy of the document lets styles through by that are made while the app runs. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";
}

// What keeps a page from scrolling below a dialog asks for it in this way.
setNonce(styleNonce());
