import { defineConfig } from "vite";

// The gateway that the pages of `npm run dev` talk to. The browser knows the development server
// alone, so that the gateway's origin is this one: BFF_PUBLIC__ORIGIN=http://localhost:5173.
const gateway = process.env.GATEWAY ?? "http://localhost:8000";
const port = Number(process.env.PORT ?? 5173);

export default defineConfig({
  cacheDir: process.env.CACHE ?? "node_modules/.vite",
  server: {
    host: "localhost",
    port,
    strictPort: true, // another one would be another origin
    proxy: { "/api": gateway, "/auth": gateway },
  },
  build: {
    assetsInlineLimit: 0, // files, so that the policy needs no data: addresses
    modulePreload: { polyfill: false },
  },
});
