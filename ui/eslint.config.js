import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

export default ts.config(
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      complexity: ["error", 10],
      "max-lines": ["error", { max: 300, skipBlankLines: true }],
      eqeqeq: "error",
      "no-console": "error",
      // The console is a static page of its own: it has no SvelteKit router to resolve links.
      "svelte/no-navigation-without-resolve": "off",
      "svelte/no-at-html-tags": "error",
    },
  },
  // The documents of the API are one list, on both sides.
  { files: ["src/api/shapes.ts"], rules: { "max-lines": "off" } },
  { files: ["dev/**"], rules: { complexity: "off" } },
  { ignores: ["node_modules/", "dist/"] },
);
