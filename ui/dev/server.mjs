/* A stand-in for the nexus while the console is being drawn: it serves the built console and
   answers in the shapes of the API with made-up rows. Never shipped, never a test's oracle. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { document } from "./documents.mjs";
import { answer as intelligence, layers } from "./intelligence.mjs";

const CONSOLE = join(import.meta.dirname, "../../python/kaname/api/console");
const PORT = Number(process.env.PORT ?? 8751);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

function answer(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(body === null ? "" : JSON.stringify(body));
}

function asset(path, response) {
  const file = join(CONSOLE, normalize(path === "/" ? "/index.html" : path));
  if (!file.startsWith(CONSOLE) || !existsSync(file) || !statSync(file).isFile()) {
    return answer(response, 404, { title: "not found", status: 404, detail: path });
  }
  response.writeHead(200, {
    "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
    "Content-Security-Policy": POLICY,
  });
  createReadStream(file).pipe(response);
}

function events(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("retry: 2000\n\n");
}

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (!pathname.startsWith("/api/v1/")) return asset(pathname, response);
  if (pathname === "/api/v1/events") return events(response);
  let body = "";
  if (!pathname.endsWith("/ingest")) for await (const piece of request) body += piece;
  const signedIn = /kaname_session=dev/.test(request.headers.cookie ?? "");
  if (pathname === "/api/v1/session") {
    const open = request.method === "POST" && JSON.parse(body).token !== "wrong";
    response.setHeader("Set-Cookie", `kaname_session=${open ? "dev" : ""}; Path=/; HttpOnly; SameSite=Strict`);
    return answer(response, open || request.method === "DELETE" ? 200 : 401, {});
  }
  if (!signedIn) return answer(response, 401, { title: "Unauthorized", status: 401, detail: "no session" });
  if (pathname === "/api/v1/layers") {
    response.writeHead(200, { "Content-Type": "application/octet-stream" });
    return response.end(layers(searchParams));
  }
  const path = pathname.slice("/api/v1".length);
  const found = intelligence(request.method, decodeURIComponent(path), searchParams, body) ?? document(request.method, path, searchParams, body);
  answer(response, found === undefined ? 404 : 200, found ?? null);
}).listen(PORT, "127.0.0.1");
