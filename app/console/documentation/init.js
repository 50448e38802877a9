// Shows the gateway's own OpenAPI document, and marks every call as the gateway asks.
"use strict";

window.SwaggerUIBundle({
  dom_id: "#documentation",
  url: "/openapi.json",
  validatorUrl: null, // the usual one is on another host
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  requestInterceptor(request) {
    request.headers["X-BFF"] = "1";
    return request;
  },
});
