export const signIn = {
  "sign_in.title": "Sign in",
  "sign_in.lead": "Your team's work, in one place.",
  "sign_in.email": "E-mail",
  "sign_in.password": "Password",
  "sign_in.submit": "Sign in",
  "sign_in.wrong": "This e-mail and password do not belong together.",
  "sign_in.throttled": {
    one: "That was too often. Try again in {count} second.",
    other: "That was too often. Try again in {count} seconds.",
  },
  "sign_in.unreachable": "The server cannot be reached. Try again in a moment.",
  "sign_in.first":
    "First time here? The server printed the admin's e-mail and password when it first started.",
  "sign_in.again_title": "Sign in again",
  "sign_in.again_text":
    "Your session is over. Nothing on this page is lost: it goes on where it stopped.",
  "sign_in.leave": "Leave this page",
  "sign_in.needed": "Fill this in",
} as const;
