/** Every page and its address; each page is loaded when it is first gone to. */
import {
  createBrowserRouter,
  isRouteErrorResponse,
  type RouteObject,
  useRouteError,
} from "react-router";
import { learn } from "@/text";
import { CATALOGUES, type CatalogueName } from "@/text/pages";
import { Broken } from "./ErrorBoundary";
import { Loading } from "./Loading";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import { SignedIn } from "./SignedIn";

type Page = () => Promise<{ default: React.ComponentType }>;

/** A page, loaded with the sentences that it says. */
function page(path: string, load: Page, ...says: CatalogueName[]): RouteObject {
  return {
    path,
    lazy: async () => {
      const [module] = await Promise.all([load(), ...says.map(learned)]);
      return { Component: module.default };
    },
  };
}

async function learned(name: CatalogueName): Promise<void> {
  learn(await CATALOGUES[name]());
}

const table = () => import("@/pages/table");
const board = () => import("@/pages/board");
const task = () => import("@/pages/task");
const designer = () => import("@/pages/designer");
const developer = () => import("@/pages/developer");
const imports = () => import("@/pages/imports");
const reports = () => import("@/pages/reports");
const settings = () => import("@/pages/settings");

const OF_WORKFLOWS: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import("@/pages/home")).default }) },
  page("workflows", () => import("@/pages/home")),
  page("workflows/new", designer, "designer"),
  page("workflows/:workflow", table, "table", "views"),
  page("workflows/:workflow/board", board, "board", "views"),
  page("workflows/:workflow/tasks/:task", task, "task"),
  page("workflows/:workflow/new", task, "task"),
  page("workflows/:workflow/designer", designer, "designer"),
  page("workflows/:workflow/api", developer, "developer", "settings"),
  page("workflows/:workflow/import", imports, "imports"),
  page("workflows/:workflow/reports", reports, "reports"),
  page("settings/:section?", settings, "settings"),
  { path: "*", Component: NotFound },
];

export const router = createBrowserRouter([
  {
    ErrorBoundary: Failed,
    HydrateFallback: Loading,
    children: [
      page("login", () => import("@/pages/sign-in")),
      {
        Component: SignedIn,
        children: [
          page("welcome", () => import("@/pages/welcome"), "welcome", "imports"),
          {
            Component: Shell,
            children: [{ ErrorBoundary: Failed, children: OF_WORKFLOWS }],
          },
        ],
      },
    ],
  },
]);

function Failed() {
  const failure = useRouteError();
  return isRouteErrorResponse(failure) ? (
    <NotFound />
  ) : (
    <Broken failure={failure} again={() => router.revalidate()} />
  );
}
