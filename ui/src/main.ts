import "./styles/tokens.css";
import "./styles/base.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { preferences } from "./state/preferences.svelte";

preferences.apply();

const target = document.getElementById("app");
if (!target) throw new Error("index.html has lost its #app");

export default mount(App, { target });
