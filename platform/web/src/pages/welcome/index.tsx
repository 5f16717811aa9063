import { useState } from "react";
import { Loading } from "@/app/Loading";
import { useDraft } from "@/shared/drafts";
import { t } from "@/text";
import { useKeptFile } from "../imports/kept";
import type { Reading } from "../imports/queries";
import { type Draft, draftOf, draftOfProposal } from "./draft";
import { Editor } from "./Editor";
import { Frame } from "./Frame";
import { proposalFor } from "./queries";
import { Start } from "./Start";

/** Takes a newcomer from nothing to a workflow of their own. */
export default function Welcome() {
  const [file, keepFile] = useKeptFile("welcome");
  const { draft, set, drop } = useDraft<Draft>(["welcome"]);
  const [looking, setLooking] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const look = async (chosen: File, reading: Reading) => {
    setLooking(chosen.name);
    setFailure(null);
    try {
      set(draftOfProposal(await proposalFor(chosen, reading), chosen, reading));
      keepFile(chosen);
    } catch (reason) {
      setFailure(reason);
    } finally {
      setLooking(null);
    }
  };
  const begin = (next: Draft) => {
    setFailure(null);
    keepFile(null);
    set(next);
  };
  const forget = () => {
    setFailure(null);
    keepFile(null);
    drop();
  };
  if (file === undefined) {
    return <Loading />;
  }
  return (
    <Frame>
      {draft ? (
        <Editor
          draft={draft}
          file={file}
          onDraft={set}
          onFile={keepFile}
          onReading={(reading) => file && look(file, reading)}
          onBack={forget}
          onDone={forget}
          looking={looking !== null}
          failure={failure}
        />
      ) : (
        <Start
          looking={looking}
          failure={failure}
          onFile={({ file: chosen, source }) => look(chosen, source ? { source } : {})}
          onTemplate={(template) => begin(draftOf(template.file))}
          onBlank={() => begin(draftOf(blank()))}
        />
      )}
    </Frame>
  );
}

function blank() {
  return {
    title: t("welcome.blank_title"),
    type: "object",
    properties: { title: { title: t("welcome.blank_field"), type: "string" } },
    required: ["title"],
  };
}
