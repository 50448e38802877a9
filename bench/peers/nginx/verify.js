// Verifies an HS256 JWT for nginx; gives its subject, or nothing. product.js is written by the
// benchmark beside nginx's configuration.

import crypto from "crypto";
import product from "product.js";

function user(r) {
  const token = r.variables.cookie_session;
  if (!token) return "";
  const parts = token.split(".");
  if (parts.length !== 3) return "";
  const mac = crypto.createHmac("sha256", product.secret);
  if (mac.update(parts[0] + "." + parts[1]).digest("base64url") !== parts[2]) return "";
  try {
    const head = JSON.parse(Buffer.from(parts[0], "base64url").toString());
    const claims = JSON.parse(Buffer.from(parts[1], "base64url").toString());
    const now = Date.now() / 1000;
    if (head.alg !== "HS256" || claims.exp <= now || claims.nbf > now) return "";
    return claims.iss === product.issuer && claims.aud === product.audience ? claims.sub : "";
  } catch (error) {
    return "";
  }
}

export default { user };
