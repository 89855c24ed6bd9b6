/** The one way to the server: JSON in, JSON out, failures as `Failure` with a readable line. */

import type { Problem } from "./shapes";

const BASE = "/api/v1";

export class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code: string = "",
  ) {
    super(message);
  }
}

interface Hooks {
  language(): string;
  unreachable(): string;
  signedOut(): void;
}

let hooks: Hooks = {
  language: () => "en",
  unreachable: () => "unreachable",
  signedOut: () => undefined,
};

/** What the client must know of the page around it; given once, by the application. */
export function connect(given: Hooks): void {
  hooks = given;
}

export type Query = Record<string, string | number | boolean | undefined>;

/** A path of the API with its query; empty values are left out. */
export function url(path: string, query: Query = {}): string {
  const kept = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => [key, String(value)]);
  const search = new URLSearchParams(kept).toString();
  return `${BASE}${path}${search ? `?${search}` : ""}`;
}

function headers(extra: HeadersInit = {}): Headers {
  const all = new Headers(extra);
  all.set("Accept-Language", hooks.language());
  all.set("X-Kaname-Console", "1"); // says that this page, not a foreign form, asks
  return all;
}

async function problem(response: Response): Promise<Failure> {
  const body = await response.json().catch(() => null) as Partial<Problem> | null;
  const line = body?.detail ?? body?.title ?? `HTTP ${response.status}`;
  return new Failure(response.status, line, body?.code ?? "");
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: headers(init.headers) });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(0, hooks.unreachable());
  }
  if (response.ok) return response;
  const failure = await problem(response);
  if (response.status === 401) hooks.signedOut();
  throw failure;
}

const BUSY = 503; // the server runs as many queries as it may; asking again changes nothing
const WAITS_MS = [400, 1200];

/** Ask again a little later where the server is busy. */
async function patient(ask: () => Promise<Response>): Promise<Response> {
  for (const wait of WAITS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Failure) || error.status !== BUSY) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return ask();
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const response = await patient(() => send(url(path, query), signal ? { signal } : {}));
  return (await response.json()) as T;
}

/** What comes as bytes, for arrays that are read where they lie. */
export async function fetchBytes(path: string, query: Query = {}, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await patient(() => send(url(path, query), signal ? { signal } : {}));
  return response.arrayBuffer();
}

export async function post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  };
  const response = await send(url(path), signal ? { ...init, signal } : init);
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

export async function remove(path: string): Promise<void> {
  await send(url(path), { method: "DELETE" });
}

/** Fetch what another program shall read, and hand it to the browser's downloads. */
export async function download(path: string, name: string, init: RequestInit = {}): Promise<void> {
  const response = await send(path, init);
  save(await response.blob(), name);
}

/** Hand bytes to the browser's downloads. */
export function save(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(bytes);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export interface Upload<T> {
  readonly result: Promise<T>;
  cancel(): void;
}

/** Send a file as it lies on disk; `progress` is told the bytes that have left. */
export function upload<T>(path: string, file: Blob, progress: (sent: number) => void): Upload<T> {
  const request = new XMLHttpRequest(); // fetch cannot tell how far an upload is
  const result = new Promise<T>((resolve, reject) => {
    request.open("POST", path);
    request.responseType = "json";
    headers().forEach((value, name) => request.setRequestHeader(name, value));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("error", () => reject(new Failure(0, hooks.unreachable())));
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    request.addEventListener("load", () => {
      if (request.status < 300) return resolve(request.response as T);
      const body = request.response as Partial<Problem> | null;
      reject(new Failure(request.status, body?.detail ?? `HTTP ${request.status}`, body?.code));
    });
    request.send(file);
  });
  return { result, cancel: () => request.abort() };
}
